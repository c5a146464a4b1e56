"""Pages of a person, outside any workspace."""

from django.urls import path

from apps.accounts import views

app_name = "profile"

urlpatterns = [path("espacos/", views.workspaces, name="workspaces")]
