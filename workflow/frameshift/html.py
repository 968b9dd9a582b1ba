"""Pages from templates: whatever comes from a corpus is text, never markup."""

from pathlib import Path


def load_templates(folder: Path):
    """A jinja2 environment of the templates in `folder`, which escapes values and refuses unknown names."""
    import jinja2

    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(folder),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.policies["json.dumps_kwargs"] = {"sort_keys": False}  # entries keep the codebook's order
    return environment
