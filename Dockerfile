# syntax=docker/dockerfile:1
ARG PYTHON=3.13

# ── the environment, with everything that building needs ──
FROM python:${PYTHON}-slim AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_ROOT_USER_ACTION=ignore PYTHONDONTWRITEBYTECODE=1
WORKDIR /src

# The environment that will be shipped has no pip: the builder's own fills it. Locked packages first, they change seldom.
COPY requirements/app.txt requirements/run.txt requirements/
RUN python -m venv --without-pip /opt/venv
RUN --mount=type=cache,target=/root/.cache/pip \
    pip --python /opt/venv/bin/python install --require-hashes -r requirements/app.txt
# The project's builder, from the lock too, and only in this stage.
RUN --mount=type=cache,target=/root/.cache/pip \
    sed -n '/^setuptools==/,/# via/p' requirements/run.txt >/tmp/build.txt \
    && pip install --require-hashes -r /tmp/build.txt

COPY . .
RUN pip wheel --no-cache-dir --no-deps --no-build-isolation --wheel-dir /tmp/wheel . \
    && pip --python /opt/venv/bin/python install --no-cache-dir --no-deps --no-index /tmp/wheel/*.whl

# ── what runs ──
FROM python:${PYTHON}-slim
ARG VERSION=0.1.0
LABEL org.opencontainers.image.title="Qingyi" \
      org.opencontainers.image.description="The typed GraphQL backend of a province's youth services" \
      org.opencontainers.image.version="${VERSION}"

# Nothing is ever installed into a running container. The number of the user is fixed, for volumes and for policies.
RUN python -m pip uninstall --yes --root-user-action=ignore pip \
    && rm -rf /usr/local/lib/python3.*/ensurepip \
    && groupadd --system --gid 10001 qingyi \
    && useradd --system --uid 10001 --gid qingyi --home-dir /var/lib/qingyi --create-home \
       --shell /usr/sbin/nologin qingyi

COPY --from=build /opt/venv /opt/venv

ENV PATH=/opt/venv/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    PYTHONUTF8=1 \
    HOST=0.0.0.0 \
    PORT=8000 \
    QINGYI_ENV=production \
    QINGYI_DATA_DIR=/var/lib/qingyi

WORKDIR /var/lib/qingyi
USER 10001:10001
EXPOSE 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=20s --retries=3 \
    CMD ["python", "-c", "import os, urllib.request as http; http.urlopen(f\"http://127.0.0.1:{os.environ['PORT']}/livez\", timeout=4)"]
ENTRYPOINT ["qingyi"]
CMD ["serve"]
