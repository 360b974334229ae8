"""GOV.UK Frontend's components as Django templates, with the parameter names of its Nunjucks macros.

Templates use `{% load govuk %}` and `{% govuk "button" text=_("Continue") %}`; Python code calls `render`.
"""

from __future__ import annotations

from commonweal.core.portal.components.rendering import UnknownComponent, render

__all__ = ["UnknownComponent", "render"]
