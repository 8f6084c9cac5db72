#!/bin/sh
# Starts the application as the container's first process, so that it gets the signals itself.
set -eu

# Tensors' memory is kept for the next batch rather than given back (glibc mallopt(3)).
export MALLOC_ARENA_MAX=1 MALLOC_MMAP_THRESHOLD_=1073741824 MALLOC_TRIM_THRESHOLD_=8589934592
# Threads of a forward pass that wait for another leave the core to the codecs.
export OMP_WAIT_POLICY="${OMP_WAIT_POLICY-PASSIVE}"

# Heap: a third of the container's memory; tensors and codecs live beside it.
# Split into words on purpose: PIX2PIX_JAVA_OPTS may hold several options.
# shellcheck disable=SC2086
exec java -XX:MaxRAMPercentage=33 -XX:+ExitOnOutOfMemoryError ${PIX2PIX_JAVA_OPTS:-} \
    -jar "${APPLICATION_JAR:-/opt/pix2pix/app/quarkus-run.jar}" "$@"
