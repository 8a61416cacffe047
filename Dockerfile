# Outpatient in a container. Everything is fetched while building, by hash; a start needs no network.

FROM python:3.11-slim AS build

ENV PIP_DISABLE_PIP_VERSION_CHECK=1 \
    PIP_NO_CACHE_DIR=1 \
    PIP_ROOT_USER_ACTION=ignore

WORKDIR /app
RUN python -m venv --without-pip .venv
# First the packages, which change seldom …
COPY requirements.lock ./
RUN pip --python .venv/bin/python install --quiet --require-hashes --no-deps -r requirements.lock
# … then the project, laid out as in a checkout: the migrations stand beside src.
COPY pyproject.toml README.md LICENSE ./
COPY src src
COPY migrations migrations
RUN pip --python .venv/bin/python install --quiet --no-index --no-deps --no-build-isolation --editable . \
    && .venv/bin/python -m compileall -q src migrations .venv/lib


FROM python:3.11-slim

# Invoices in Hindi are set better with a font of the system's; without one the packaged font does.
RUN apt-get update && apt-get install --yes --no-install-recommends fonts-noto-core \
    && rm -rf /var/lib/apt/lists/*
RUN groupadd --system --gid 10001 outpatient \
    && useradd --system --uid 10001 --gid outpatient --no-create-home --home-dir /data outpatient \
    && install --directory --owner outpatient --group outpatient --mode 0750 /data

WORKDIR /app
COPY --from=build /app /app

# In production the server refuses to start without secrets of your own: see .env.example.
ENV PATH=/app/.venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    ENVIRONMENT=production \
    PORT=8000 \
    DATABASE_URL=sqlite:////data/outpatient.db \
    OUTBOX_DIR=/data/outbox \
    UPLOAD_DIR=/data/uploads

USER 10001:10001
VOLUME /data
EXPOSE 8000

HEALTHCHECK --interval=10s --timeout=3s --start-period=30s --retries=3 \
    CMD ["python", "-c", "import os, urllib.request as web; web.urlopen('http://127.0.0.1:' + os.environ['PORT'] + '/api/v1/ready', timeout=2)"]

CMD ["sh", "-c", "outpatient migrate && exec outpatient serve --host 0.0.0.0"]
