"""Every SELECT of the figures: `counts` counts the base tables, `figures` reads what was counted."""
