"""What is worked out about clinicians from plain numbers."""


def average_rating(stars: int | None, ratings: int | None) -> float | None:
    """Stars for each rating, to one decimal, halves up; None as long as nobody has rated him."""
    if not stars or not ratings:
        return None
    return (stars * 20 + ratings) // (ratings * 2) / 10
