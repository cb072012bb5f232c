"""The page of web vitals."""

from django.urls import path

from vedette.vitals import views

urlpatterns = [path("vitals/", views.vitals, name="vitals")]
