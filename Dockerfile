# syntax=docker/dockerfile:1
FROM python:3.13-slim-bookworm AS build
WORKDIR /src
COPY .lock/run.txt .lock/run.txt
RUN python -m venv /opt/mailbox-operator \
 && /opt/mailbox-operator/bin/pip install --no-cache-dir --require-hashes -r .lock/run.txt
COPY operator/mailbox_operator /opt/mailbox-operator/app/mailbox_operator
RUN /opt/mailbox-operator/bin/python -m compileall -q /opt/mailbox-operator/app \
 && /opt/mailbox-operator/bin/pip uninstall -y -q pip

FROM python:3.13-slim-bookworm
LABEL org.opencontainers.image.title="mailbox-operator" \
      org.opencontainers.image.description="Connects mailboxes declared as Kubernetes resources" \
      org.opencontainers.image.licenses="Apache-2.0"
COPY --from=build /opt/mailbox-operator /opt/mailbox-operator
ENV PYTHONPATH=/opt/mailbox-operator/app \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1
USER 65532:65532
# No shell between the signal and the process.
ENTRYPOINT ["/opt/mailbox-operator/bin/python", "-m", "mailbox_operator"]
CMD ["run"]
