# syntax=docker/dockerfile:1
# Each base is pinned by the digest of its index, which has all platforms; .github/renovate.json5 has
# it renewed. Both have the same Debian and the same minor version of Python.
FROM python:3.13-slim-trixie@sha256:3dd7cc108ec1493442514f5c2a871af6af0ec31d768ff6e378a93340c3b3db5f AS build
WORKDIR /src
COPY tests/tools/image tools/image
COPY .lock/run.txt run.txt
RUN python -m tools.image install /opt/mailbox-operator --lock run.txt --python /usr/bin/python3.13
COPY operator/mailbox_operator mailbox_operator
RUN python -m tools.image add /opt/mailbox-operator --package mailbox_operator

# No shell, no package manager, no pip.
FROM gcr.io/distroless/python3-debian13:nonroot@sha256:774595d652a294b54c9bd575b2d9fdd1a4b47547dc17b8bfa4c0e953c64855b3
LABEL org.opencontainers.image.title="mailbox-operator" \
      org.opencontainers.image.description="Connects mailboxes declared as Kubernetes resources" \
      org.opencontainers.image.licenses="Apache-2.0"
COPY --from=build /opt/mailbox-operator /opt/mailbox-operator
# The C library keeps less of what was freed: one pool for all threads, trimmed at 128 KiB.
ENV PYTHONPATH=/opt/mailbox-operator/app \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    MALLOC_ARENA_MAX=1 \
    MALLOC_TRIM_THRESHOLD_=131072
USER 65532:65532
# No shell between the signal and the process.
ENTRYPOINT ["/opt/mailbox-operator/bin/python", "-m", "mailbox_operator"]
CMD ["run"]
