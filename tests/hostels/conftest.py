"""Stays are counted by days."""

from support.mornings import morning, morning_of_the_module

__all__ = ["morning", "morning_of_the_module"]
