"""Settings of the installation and the bases of other tables."""

from __future__ import annotations

import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.common.history import tracked


class UUIDModel(models.Model):
    """A row whose id can be shown in an address without telling how many there are."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)

    class Meta:
        abstract = True


class TimestampedModel(models.Model):
    """When a row was made and last changed."""

    created_at = models.DateTimeField(_("criado em"), auto_now_add=True)
    updated_at = models.DateTimeField(_("alterado em"), auto_now=True)

    class Meta:
        abstract = True


@tracked()
class Setting(TimestampedModel):
    """A typed setting of the installation, editable in the admin."""

    class Type(models.TextChoices):
        TEXT = "text", _("texto")
        INTEGER = "integer", _("número inteiro")
        DECIMAL = "decimal", _("número decimal")
        BOOLEAN = "boolean", _("sim ou não")

    key = models.CharField(_("chave"), max_length=80, primary_key=True)
    value_type = models.CharField(_("tipo"), max_length=10, choices=Type, default=Type.TEXT)
    value = models.CharField(_("valor"), max_length=500, blank=True)
    description = models.CharField(_("descrição"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("parâmetro")
        verbose_name_plural = _("parâmetros")
        ordering = ["key"]

    def __str__(self) -> str:
        return self.key
