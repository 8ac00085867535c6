"""What Strawberry's types allow to know before anything is executed."""

from typing import Any

from graphql import GraphQLField, GraphQLObjectType
from strawberry.types.base import StrawberryObjectDefinition, get_object_definition
from strawberry.types.cast import TYPE_CAST_ATTRIBUTE
from strawberry.types.field import StrawberryField

_DEFINITION = "strawberry-definition"
_BASIC_RESOLVER = "_get_basic_result"
"""What the schema converter names the resolver of a field without resolver, extensions and exception handlers."""

CAST = TYPE_CAST_ATTRIBUTE
"""The attribute by which `strawberry.cast` says of one object which type it is."""


def attribute_of(field: GraphQLField) -> str | None:
    """The attribute that the field gives, when it does nothing else."""
    definition = field.extensions.get(_DEFINITION)
    if not isinstance(definition, StrawberryField):
        return None
    basic = (
        type(definition).get_result is StrawberryField.get_result
        and definition.is_basic_field
        and definition.default_resolver == getattr
        and getattr(field.resolve, "__name__", None) == _BASIC_RESOLVER
    )
    return definition.python_name if basic else None


def many_of(field: GraphQLField) -> Any:
    """
    What resolves the field for many objects at once, where its resolver brings that along: `resolve_many(objects, info)`
    gives a value for each, in their order, or an error in its place. The info's path is that of the list.
    """
    definition = field.extensions.get(_DEFINITION)
    if not isinstance(definition, StrawberryField) or definition.base_resolver is None:
        return None
    if definition.extensions or type(definition).get_result is not StrawberryField.get_result:
        return None
    return getattr(definition.base_resolver.wrapped_func, "resolve_many", None)


def class_decides(kind: GraphQLObjectType) -> bool:
    """Does what `is_type_of` says depend on nothing but the object's class and its cast?"""
    definition = kind.extensions.get(_DEFINITION)
    return kind.is_type_of is None or (
        isinstance(definition, StrawberryObjectDefinition) and definition.is_type_of is None
    )


def class_names(kind: Any, value: Any) -> bool:
    """Does an object's class say which type of an interface it is, for all objects of the class that are not cast?"""
    definition = kind.extensions.get(_DEFINITION)
    return (
        isinstance(definition, StrawberryObjectDefinition)
        and definition.is_interface
        and definition.resolve_type is None
        and isinstance(value, definition.origin)
        and not get_object_definition(value, strict=True).is_graphql_generic
    )
