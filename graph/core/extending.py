"""
A programme adds fields to a type of another (`extend type`), so that nobody imports a sibling.

    @extends(Youth)
    class YouthInternships:
        @strawberry.field
        async def internship_applications(self, info: Info) -> …   # self is the Youth

The schema imports every programme; that is where a type becomes whole.
"""

from collections.abc import Callable
from typing import Any

import strawberry


def extends(target: type[Any]) -> Callable[[type[Any]], type[Any]]:
    """Add the resolver fields of the decorated class to `target`, which is a Strawberry type already."""

    def add(extension: type[Any]) -> type[Any]:
        definition: Any = strawberry.type(extension)
        whole: Any = target
        fields = whole.__strawberry_definition__.fields
        taken = {field.python_name for field in fields}
        for field in definition.__strawberry_definition__.fields:
            if field.base_resolver is None:
                raise TypeError(f"{extension.__name__}.{field.python_name} has no resolver")
            if field.python_name in taken:
                raise TypeError(f"{target.__name__} has a field {field.python_name} already")
            fields.append(field)
        return extension

    return add
