"""Attacks on everything at once walk through the filled world of the sweeps."""

from tests.sweeps.conftest import filled_template, planting, swept

__all__ = ["filled_template", "planting", "swept"]
