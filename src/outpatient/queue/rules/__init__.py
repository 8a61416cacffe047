"""The rules of the queue, on plain values: the order, the tokens, the wait."""
