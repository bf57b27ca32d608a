# One image for every part of lvd; the command says which: `ingest`, `dashboard`, `db upgrade`, …

FROM python:3.11-slim AS build
WORKDIR /source
RUN python -m venv /opt/lvd
# The dependencies first: they change seldom, and this layer is kept until they do.
COPY pyproject.toml constraints.txt ./
RUN python -c "import tomllib; print(*tomllib.load(open('pyproject.toml', 'rb'))['project']['dependencies'], sep='\n')" > requirements.txt \
    && /opt/lvd/bin/pip install --no-cache-dir -r requirements.txt -c constraints.txt
COPY . .
RUN /opt/lvd/bin/pip install --no-cache-dir --no-deps .

FROM python:3.11-slim
RUN useradd --system --user-group --create-home --home-dir /var/lib/lvd lvd
COPY --from=build /opt/lvd /opt/lvd
ENV PATH="/opt/lvd/bin:$PATH" \
    PYTHONUNBUFFERED=1 \
    LVD_DATA_DIR=/var/lib/lvd
WORKDIR /var/lib/lvd
USER lvd
# gRPC and the web page.
EXPOSE 50051 8050
ENTRYPOINT ["lvd"]
CMD ["--help"]
