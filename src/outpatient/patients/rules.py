"""What makes two patient records the same person's."""


def name_key(full_name: str) -> str:
    """A name for comparing: case and spacing do not count."""
    return " ".join(full_name.casefold().split())
