# The image of the model server: docs/image.md. `mlops image` gathers what is copied here and builds
# it; docker, podman and buildah read this file alike.

# The image that both stages start from; `mlops pin` adds its digest.
ARG BASE=docker.io/library/python:3.11-slim

FROM ${BASE} AS packages
COPY requirements/serve.txt /tmp/serve.txt
# Wheels with the hashes of the lock alone: nothing is compiled, no code of a package is run.
RUN python3 -m pip install --quiet --disable-pip-version-check --root-user-action=ignore \
        --no-cache-dir --no-compile --no-deps --only-binary=:all: --require-hashes \
        --target /opt/serving --requirement /tmp/serve.txt
WORKDIR /opt/serving
# What a running server never opens: command lines, tests, headers, type stubs, what converts and
# trains models, and the ONNX Runtime for C programs (Python's has all of it inside).
RUN rm -rf bin numpy/distutils numpy/f2py onnxruntime/backend onnxruntime/datasets \
        onnxruntime/quantization onnxruntime/tools onnxruntime/transformers \
        onnxruntime/capi/libonnxruntime.so.* \
    && find . -depth \( -path '*/tests/*' -o -name tests -o -name '*.a' -o -name '*.c' -o -name '*.h' \
        -o -name '*.pxd' -o -name '*.pxi' -o -name '*.pyi' -o -name '*.pyx' \) -delete \
    && PYTHONHASHSEED=0 python3 -m compileall -q --invalidation-mode unchecked-hash .

FROM ${BASE}
# No installer: what is not there cannot be called.
RUN find /usr -depth \( -path '*/site-packages/*' -o -path '*/dist-packages/*' \
        -o -path '*/ensurepip*' -o -path '*/bin/pip*' -o -name '*.whl' \) -delete
ENV PYTHONPATH=/opt/serving \
    PYTHONSAFEPATH=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    OMP_NUM_THREADS=1 \
    ORT_DISABLE_TELEMETRY=1 \
    SERVING_HOST=0.0.0.0 \
    SERVING_PORT=8080 \
    SERVING_MODEL=/model
COPY --from=packages /opt/serving /opt/serving
COPY src/serving /opt/serving/serving
# The server's imports must work without what was removed. They leave the bytecode of the standard
# library's modules, which the base image lacks, and without which every start takes longer.
RUN python3 -m compileall -q --invalidation-mode unchecked-hash /opt/serving/serving \
    && env -u PYTHONDONTWRITEBYTECODE PYTHONHASHSEED=0 python3 -c 'import serving.server'
COPY artifacts/export /model
USER 10001:10001
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s --retries=3 \
    CMD ["python3", "-IS", "-c", "import http.client, os; c = http.client.HTTPConnection('127.0.0.1', os.environ['SERVING_PORT'], timeout=2); c.request('GET', '/v2/health/live'); raise SystemExit(c.getresponse().status != 200)"]
# Without a shell around it, the server itself gets SIGTERM.
ENTRYPOINT ["python3", "-m", "serving"]
