"""跑马灯, messages that run over the desktop."""
