# The image that `capstan install --export` runs: the controllers, git and ssh, as a user without rights.
#   docker build --tag registry.example.com/capstan:0.1.0 .

FROM node:20-slim AS build
WORKDIR /src
COPY . .
RUN npm ci --no-audit --no-fund \
 && npm run build \
 && npm prune --omit=dev --no-audit --no-fund

FROM node:20-slim
RUN apt-get update \
 && apt-get install --yes --no-install-recommends ca-certificates git openssh-client tini \
 && rm -rf /var/lib/apt/lists/*
WORKDIR /app
COPY --from=build /src/package.json ./
COPY --from=build /src/node_modules ./node_modules
COPY --from=build /src/packages/cli/package.json ./packages/cli/
COPY --from=build /src/packages/cli/bin ./packages/cli/bin
COPY --from=build /src/packages/cli/dist/bundle ./packages/cli/dist/bundle
RUN mkdir /data && chown 1337:1337 /data
ENV NODE_ENV=production CAPSTAN_DATA_DIR=/data
USER 1337:1337
EXPOSE 9090 9440
ENTRYPOINT ["tini", "--", "node", "/app/packages/cli/bin/capstan.js"]
CMD ["controllers", "--storage-addr=:9090", "--health-addr=:9440"]
