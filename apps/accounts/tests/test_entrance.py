"""Sign-in, sign-up and passwords, in the frame of Exitus."""

import pytest
from django.test import Client
from django.urls import reverse

from apps.accounts.models import User, Workspace
from testing.factories import make_access, make_user

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clean_cache")]
SECRET = "uma senha bem comprida 7"


def test_signing_up_makes_a_workspace_and_leads_to_the_first_steps():
    client = Client()
    data = {"username": "bia", "email": "b@example.org", "password1": SECRET, "password2": SECRET}
    assert client.post(reverse("account_signup"), data).status_code == 302
    workspace = Workspace.objects.get(memberships__user__username="bia")
    assert client.get("/").url == reverse("dashboard:overview", args=[workspace.pk])


def test_wrong_fields_are_told_beside_them():
    data = {"username": "bia", "email": "b@example.org", "password1": "123", "password2": "123"}
    page = Client().post(reverse("account_signup"), data).text
    assert "Há campos a corrigir abaixo" in page
    assert 'aria-invalid="true"' in page
    assert not User.objects.filter(username="bia").exists()


def test_sign_up_can_be_closed(settings):
    settings.EXITUS_SIGNUP_OPEN = False
    assert "Cadastro fechado" in Client().get(reverse("account_signup")).text
    assert reverse("account_signup") not in Client().get(reverse("account_login")).text


@pytest.mark.parametrize("field", ["username", "email"])
def test_signing_in_by_name_or_mail(field):
    user = make_user("caio", password=SECRET)
    data = {"login": getattr(user, field), "password": SECRET}
    assert Client().post(reverse("account_login"), data).status_code == 302
    wrong = Client().post(reverse("account_login"), {**data, "password": "errada"})
    assert wrong.status_code == 200
    assert 'role="alert"' in wrong.text


def test_password_reset_says_when_no_mail_can_be_sent(settings):
    settings.EXITUS_MAIL_ENABLED = False
    page = Client().get(reverse("account_reset_password")).text
    assert "Esta instalação não manda e-mails" in page
    assert "changepassword" in page
    assert 'name="email"' not in page


def test_password_reset_with_mail(settings, mailoutbox):
    settings.EXITUS_MAIL_ENABLED = True
    user = make_user("caio", password=SECRET)
    client = Client()
    client.post(reverse("account_reset_password"), {"email": user.email})
    assert mailoutbox[0].to == [user.email]


def test_demonstration_is_offered_only_where_it_exists(settings):
    settings.EXITUS_DEMO = False
    assert 'value="demo"' not in Client().get(reverse("account_login")).text
    settings.EXITUS_DEMO = True
    assert 'value="demo"' in Client().get(reverse("account_login")).text


@pytest.mark.parametrize(
    "name", ["account_login", "account_signup", "account_reset_password", "account_logout"]
)
def test_pages_have_no_inline_style_or_script(name):
    client = Client()
    if name == "account_logout":
        client.force_login(make_access().user)
    page = client.get(reverse(name)).text
    assert "<style" not in page
    assert "style=" not in page
    assert page.count("<script") == page.count("<script src=")


def test_unknown_address_is_a_page_of_ours():
    answer = Client().get("/nada/disto/")
    assert answer.status_code == 404
    assert "Não encontramos esta página" in answer.text


def test_language_of_the_sign_up_is_the_persons():
    client = Client(headers={"accept-language": "en-GB,en;q=0.9"})
    data = {"username": "bia", "email": "b@example.org", "password1": SECRET, "password2": SECRET}
    client.post(reverse("account_signup"), data)
    assert User.objects.get(username="bia").language == "en"
    assert Workspace.objects.get(memberships__user__username="bia").name == "My portfolio"


@pytest.mark.parametrize(("is_shared", "language"), [(False, "en"), (True, "pt-br")])
def test_signing_in_brings_the_persons_language_but_not_a_shared_logins(is_shared, language):
    user = make_user("caio", password=SECRET)
    user.language, user.is_shared = "en", is_shared
    user.save()
    client = Client(headers={"accept-language": "pt-BR"})
    client.post(reverse("account_login"), {"login": "caio", "password": SECRET})
    assert client.get("/", follow=True).headers["Content-Language"] == language
