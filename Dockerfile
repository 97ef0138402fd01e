# MiniTwit, and what it cannot do without: the C library and the certificates of public authorities.
# No shell, no package manager, nothing that runs as root. docs/deploy.md tells how to run it.
#
#   docker build --tag minitwit .

ARG BUILD_IMAGE=rust:1-bookworm

FROM ${BUILD_IMAGE} AS build
SHELL ["/bin/bash", "-euxo", "pipefail", "-c"]
WORKDIR /build

# "dev" compiles in half the time.
ARG PROFILE=release

# The dependencies have a layer of their own, which is made anew only when the lock file changes:
# they are built for a program that does nothing.
COPY Cargo.toml Cargo.lock ./
COPY .cargo .cargo
RUN mkdir -p src scripts/programs tests/http; \
    echo 'fn main() {}' | tee src/main.rs scripts/programs/main.rs tests/http/on_postgres.rs; \
    touch src/lib.rs; \
    cargo build --locked --profile "$PROFILE" --bin minitwit

COPY schema.sql ./
COPY static static
COPY src src
RUN touch src/lib.rs src/main.rs; \
    cargo build --locked --profile "$PROFILE" --bin minitwit

# The whole image: what the dynamic loader would load, and what resolving a name and TLS read.
RUN mkdir -p /image/usr/bin /image/etc/ssl/certs; \
    cp target/*/minitwit /image/usr/bin/; \
    ldd /image/usr/bin/minitwit | grep -o '/[^ ]*' | xargs cp --dereference --parents -t /image; \
    cp /etc/ssl/certs/ca-certificates.crt /image/etc/ssl/certs/; \
    echo 'hosts: files dns' >/image/etc/nsswitch.conf; \
    echo 'minitwit:x:10001:10001::/data:/usr/bin/minitwit' >/image/etc/passwd; \
    echo 'minitwit:x:10001:' >/image/etc/group; \
    mkdir /empty

FROM scratch
LABEL org.opencontainers.image.title="MiniTwit" \
    org.opencontainers.image.description="A microblog in one binary" \
    org.opencontainers.image.licenses="MIT"

COPY --from=build /image /
COPY --from=build --chown=10001:10001 /empty /data

# Numeric, so that Kubernetes sees that it is not root.
USER 10001:10001
WORKDIR /data
VOLUME /data
ENV DATABASE_URL=/data/minitwit.db \
    MINITWIT_LISTEN=0.0.0.0:5000
EXPOSE 5000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=5s --timeout=4s --start-period=30s --retries=3 \
    CMD ["/usr/bin/minitwit", "healthcheck"]
ENTRYPOINT ["/usr/bin/minitwit"]
CMD ["serve"]
