"""What Strawberry's types allow to know before anything is executed."""

from collections.abc import Callable
from keyword import iskeyword
from typing import Any

from graphql import GraphQLField, GraphQLObjectType, GraphQLSchema, get_nullable_type, is_leaf_type
from strawberry.relay import GlobalID
from strawberry.types import get_object_definition
from strawberry.types.arguments import convert_argument
from strawberry.types.base import StrawberryMaybe, StrawberryObjectDefinition, StrawberryOptional
from strawberry.types.cast import TYPE_CAST_ATTRIBUTE
from strawberry.types.field import StrawberryField

_DEFINITION = "strawberry-definition"
_BASIC_RESOLVER = "_get_basic_result"
"""What the schema converter names the resolver of a field without resolver, extensions and exception handlers."""
_RESOLVERS = frozenset({"_resolver", "_async_resolver"})  # and those of the others

CAST = TYPE_CAST_ATTRIBUTE
"""The attribute by which `strawberry.cast` says of one object which type it is."""


def found_by(field: GraphQLField) -> tuple[str | None, Any]:
    """
    The attribute that a field gives when it does nothing else. Or what resolves it for many objects at once, where its
    resolver brings that along: `resolve_many(objects, info)` gives a value for each, in their order, or an error in its
    place; the info's path is that of the list.
    """
    definition = _understood(field)
    if definition is None:
        return None, None
    if definition.base_resolver is not None and not definition.extensions:
        return None, getattr(definition.base_resolver.wrapped_func, "resolve_many", None)
    name = definition.python_name
    basic = definition.is_basic_field and definition.default_resolver == getattr and not iskeyword(name)
    return name if basic and getattr(field.resolve, "__name__", None) == _BASIC_RESOLVER else None, None


def called_directly(schema: GraphQLSchema, field: GraphQLField) -> Callable[..., Any] | None:
    """
    Calls a field's resolver as Strawberry does, with nothing between; None where extensions (permissions are some), handlers of
    exceptions or code of the field's own have a say.
    """
    definition: Any = _understood(field)
    resolver: Any = getattr(definition, "base_resolver", None)
    converter: Any = getattr(getattr(schema, "_strawberry_schema", None), "schema_converter", None)
    if getattr(field.resolve, "__name__", None) not in _RESOLVERS or resolver is None:
        return None
    if definition.extensions or getattr(converter, "_exception_handler_specs", True):
        return None
    config, scalars, function = converter.config, converter.scalar_registry, resolver.wrapped_func
    names = {config.name_converter.from_argument(found): found for found in definition.arguments}
    taken = [(name, found.python_name, _to_convert(field, name, found.type)) for name, found in names.items()]
    sources = [found.name for found in (resolver.parent_parameter, resolver.root_parameter) if found]
    infos = [found.name for found in (resolver.info_parameter,) if found]

    def call(source: Any, raw_info: Any, **given: Any) -> Any:
        info = config.info_class(raw_info, definition)
        made = {to: given[name] for name, to, _ in taken if name in given}
        for name, to, kind in taken:
            if kind is not None and name in given:
                made[to] = convert_argument(given[name], kind, scalars, config, info, path=(name,))
        made |= dict.fromkeys(sources, source) | dict.fromkeys(infos, info)
        return function(source, **made) if resolver.self_parameter else function(**made)

    return call


def _understood(field: GraphQLField) -> StrawberryField | None:
    """Strawberry's definition of a field that gets its result in Strawberry's way."""
    found = field.extensions.get(_DEFINITION)
    plain = isinstance(found, StrawberryField) and type(found).get_result is StrawberryField.get_result
    return found if plain else None


def _to_convert(field: GraphQLField, name: str, kind: Any) -> Any:
    """The argument's type; None for scalars and enums that Strawberry hands on as graphql-core has made them."""
    inner = kind.of_type if isinstance(kind, StrawberryOptional) else kind
    plain = is_leaf_type(get_nullable_type(field.args[name].type)) and not isinstance(kind, StrawberryMaybe)
    return None if plain and inner is not GlobalID else kind


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
