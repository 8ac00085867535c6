"""What Strawberry's types allow to know before anything is executed."""

from keyword import iskeyword
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


def found_by(field: GraphQLField) -> tuple[str | None, Any]:
    """
    The attribute that a field gives when it does nothing else. Or what resolves it for many objects at once, where its
    resolver brings that along: `resolve_many(objects, info)` gives a value for each, in their order, or an error in its
    place; the info's path is that of the list.
    """
    definition = field.extensions.get(_DEFINITION)
    if (
        not isinstance(definition, StrawberryField)
        or type(definition).get_result is not StrawberryField.get_result
    ):
        return None, None
    if definition.base_resolver is not None and not definition.extensions:
        return None, getattr(definition.base_resolver.wrapped_func, "resolve_many", None)
    name = definition.python_name
    basic = definition.is_basic_field and definition.default_resolver == getattr and not iskeyword(name)
    return name if basic and getattr(field.resolve, "__name__", None) == _BASIC_RESOLVER else None, None


def is_looked_through(field: GraphQLField) -> bool:
    """Does what is asked for below the field count as asked for below its object (`looked_through` at its resolver)?"""
    resolver = getattr(field.extensions.get(_DEFINITION), "base_resolver", None)
    return getattr(getattr(resolver, "wrapped_func", None), "looked_through", False)


def class_decides(kind: GraphQLObjectType) -> bool:
    """Does what `is_type_of` says depend on nothing but the object's class and its cast?"""
    definition = kind.extensions.get(_DEFINITION)
    return kind.is_type_of is None or (
        isinstance(definition, StrawberryObjectDefinition) and definition.is_type_of is None
    )


def class_names(kind: Any, value: Any) -> bool:
    """Does an object's class say which type of an interface it is, for all objects of the class that are not cast?"""
    interface = kind.extensions.get(_DEFINITION)
    if not isinstance(interface, StrawberryObjectDefinition) or interface.resolve_type is not None:
        return False
    plain = isinstance(value, interface.origin) and getattr(value, CAST, None) is None
    return plain and not get_object_definition(value, strict=True).is_graphql_generic
