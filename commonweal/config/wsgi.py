"""The web application as granian serves it."""

from __future__ import annotations

import os

from django.core.wsgi import get_wsgi_application

from commonweal.config.processes import end_with_parent

end_with_parent()
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "commonweal.config.settings")
application = get_wsgi_application()
