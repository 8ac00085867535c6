"""Words for fields and arguments that mean the same everywhere, so that every one is described and none twice."""

from graphql import (
    GraphQLArgument,
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    Undefined,
)

FIELDS = {
    "userErrors": "What the caller can mend; empty when it was done.",
    "idempotencyKey": "1 to 64 characters; the same key gives the first answer again for at least 24 hours.",
    "expectedVersion": "When given and no longer true, the answer is CONFLICT.",
    "id": "Opaque, stable across releases.",
}

ARGUMENTS = {
    "input": "What is asked for.",
    "filter": "Which ones; all when absent.",
    "id": "The id of anything.",
    "ids": "Up to 100 ids.",
    "orderBy": "In which order.",
    "statuses": "In any of these states; all when absent.",
    "kinds": "Of any of these kinds; all when absent.",
    "updatedSince": "Moved then or later.",
    "unreadOnly": "True leaves out what was read.",
    "parentId": "The unit above; absent: the roots.",
    "parentCode": "The division above; absent: the province.",
    "text": "What was typed so far.",
    "phone": "A mobile number, E.164.",
    "reason": "Why; it is kept and shown to the person. 2 to 200 characters.",
    "since": "From this instant on; all when absent.",
}


def finish(schema: GraphQLSchema) -> None:
    """Bring a schema to the contract's form: the words above where a part has none, and no default of null."""
    for kind in schema.type_map.values():
        if isinstance(kind, GraphQLInputObjectType):
            for name, part in kind.fields.items():
                part.description = part.description or FIELDS.get(name)
                _without_null(part)
        if isinstance(kind, GraphQLObjectType | GraphQLInterfaceType) and not kind.name.startswith("__"):
            for name, field in kind.fields.items():
                field.description = field.description or FIELDS.get(name)
                for argument_name, argument in field.args.items():
                    argument.description = argument.description or ARGUMENTS.get(argument_name)
                    _without_null(argument)


def _without_null(part: GraphQLArgument | GraphQLInputField) -> None:
    """Python's default of None is "absent", which the contract writes as no default at all."""
    if part.default_value is None:
        part.default_value = Undefined
