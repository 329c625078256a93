from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from interlude.interfaces.design.forms import DesignForm


class SignInForm(DesignForm):
    username = forms.CharField(
        label=_("Sign-in name"),
        max_length=40,
        widget=forms.TextInput(attrs={"autocomplete": "username", "autocapitalize": "none"}),
    )
    password = forms.CharField(
        label=_("Password"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )


class FirstPasswordForm(DesignForm):
    password = forms.CharField(
        label=_("New password"),
        help_text=_("At least 12 characters. Several words make a good one."),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
