"""Scenes of the demo pictures and the list of films; drawn by tools/draw_demo.py."""
