"""Internships (展翅计划, 易展翅, 空中双选会): programme 1."""
