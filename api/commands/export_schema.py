"""`qingyi export-schema`: the SDL as served, and nothing else, on standard output."""

from graph.schema import schema


def export_schema() -> None:
    """Print the schema in SDL. Needs neither database nor keys."""
    print(schema.as_str())
