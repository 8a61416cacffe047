"""Routes of the queue: the hot ones (`lean`), one visit, the queues, the boards."""

from outpatient.queue.routes.boards import router as boards
from outpatient.queue.routes.hot import lean
from outpatient.queue.routes.queues import router as queues
from outpatient.queue.routes.visits import router as visits

__all__ = ["boards", "lean", "queues", "visits"]
