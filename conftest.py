"""Loads the tests' own plugins before any test is collected."""

pytest_plugins = ["tests.services"]
