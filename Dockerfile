# It starts in production: a container listens for everybody who reaches its port.
# One image for every service: `sigap run intake`, `sigap run dispatch`, ..., or `sigap run` for all in one process.

FROM node:22-bookworm-slim AS console

WORKDIR /src/services/console/web
COPY services/console/web/package.json services/console/web/package-lock.json services/console/web/.npmrc ./
RUN npm ci --silent
COPY services/console/web ./
RUN npm run --silent build


FROM python:3.11-slim-bookworm AS build

RUN pip install --no-cache-dir "uv>=0.9,<1"
ENV UV_PROJECT_ENVIRONMENT=/opt/sigap \
    UV_PYTHON_DOWNLOADS=never \
    UV_LINK_MODE=copy \
    UV_COMPILE_BYTECODE=1 \
    UV_NO_CACHE=1
WORKDIR /src

# What changes seldom first: a layer of its own with everybody else's packages.
COPY pyproject.toml uv.lock ./
RUN uv sync --frozen --no-dev --no-install-workspace --all-packages --no-install-package sigap-testing --extra otel
COPY libs libs
COPY services services
COPY --from=console /src/services/console/src/sigap_console/built services/console/src/sigap_console/built
RUN uv sync --frozen --no-dev --no-editable --all-packages --no-install-package sigap-testing --extra otel


FROM python:3.11-slim-bookworm

RUN useradd --system --uid 10112 --no-create-home --home-dir /data --shell /usr/sbin/nologin sigap \
    && install -d -o sigap -g sigap -m 0700 /data
COPY --from=build /opt/sigap /opt/sigap
COPY regencies /srv/sigap/regencies

ENV PATH=/opt/sigap/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    SIGAP_ENVIRONMENT=production \
    SIGAP_HOST=0.0.0.0 \
    SIGAP_PORT=8112 \
    SIGAP_DATA_DIR=/data
USER sigap
WORKDIR /srv/sigap
VOLUME /data
EXPOSE 8112

HEALTHCHECK --interval=10s --timeout=5s --start-period=60s CMD ["python", "-S", "-c", "import http.client, os; c = http.client.HTTPConnection('127.0.0.1', int(os.environ['SIGAP_PORT']), timeout=4); c.request('GET', '/readyz'); raise SystemExit(c.getresponse().status != 200)"]
ENTRYPOINT ["sigap"]
CMD ["run"]
