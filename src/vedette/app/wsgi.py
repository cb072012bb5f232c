"""Django as a WSGI application; `app.asgi` runs it in a fixed pool of threads that keep their connections."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "vedette.app.django_settings")
application = get_wsgi_application()
