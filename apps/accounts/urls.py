"""Settings pages of a workspace."""

from django.urls import path

from apps.accounts import views

app_name = "accounts"

urlpatterns = [
    path("configuracoes/", views.preferences, name="settings"),
    path("configuracoes/espaco/", views.workspace, name="workspace"),
    path("configuracoes/pessoas/", views.members, name="members"),
    path("configuracoes/pessoas/<int:membership_id>/papel/", views.member_role, name="member_role"),
    path(
        "configuracoes/pessoas/<int:membership_id>/retirar/",
        views.member_remove,
        name="member_remove",
    ),
    path("configuracoes/titulares/", views.holders, name="holders"),
    path("configuracoes/titulares/<uuid:holder_id>/", views.holder_edit, name="holder_edit"),
    path("espacos/", views.switcher, name="switcher"),
]
