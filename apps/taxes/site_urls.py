"""Addresses that ask for a token and nobody's name."""

from django.urls import path

from apps.taxes.views import feed

app_name = "taxes_site"

urlpatterns = [
    path("impostos/calendario/<str:token>.ics", feed.calendar, name="calendar"),
]
