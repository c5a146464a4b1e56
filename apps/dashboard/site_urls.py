"""The front door."""

from django.urls import path

from apps.dashboard import views

app_name = "site"

urlpatterns = [path("", views.landing, name="landing")]
