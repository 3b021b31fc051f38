# syntax=docker/dockerfile:1
# lgsp in a container: built with the Swift toolchain, run on plain Debian 12 by a user without rights.
ARG SWIFT=6.3

FROM swift:${SWIFT}-bookworm AS build
WORKDIR /src
# Packages first: they change less often than the sources.
COPY scripts/packages.sh scripts/setup.sh scripts/
RUN scripts/setup.sh
COPY Package.swift ./
COPY Sources Sources
# Test targets are named in the manifest, so their folders have to be there; nothing of them is built.
COPY Tests Tests
RUN swift build -c release --product lgsp --static-swift-stdlib \
    && strip -o /lgsp "$(swift build -c release --show-bin-path)/lgsp"

FROM debian:bookworm-slim
RUN apt-get update \
    && apt-get install -y --no-install-recommends ca-certificates curl libsqlite3-0 libssl3 libxml2 zlib1g \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --create-home --home-dir /var/lib/lgsp lgsp \
    && install -d -o lgsp -g lgsp /landscape
COPY --from=build /lgsp /usr/local/bin/lgsp
COPY schemas /usr/local/share/lgsp/schemas
COPY adapters /usr/local/share/lgsp/adapters
COPY suites /usr/local/share/lgsp/suites
USER lgsp
WORKDIR /var/lib/lgsp
ENTRYPOINT ["lgsp"]
CMD ["--help"]
