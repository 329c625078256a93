from __future__ import annotations

from django.urls import path

from interlude.interfaces.staff.stock import views

urlpatterns = [
    path("stock", views.stock, name="stock"),
    path("stock/products/new", views.new_product, name="stock_new_product"),
    path("stock/receive", views.receive, name="stock_receive"),
    path("stock/lots/<uuid:lot_id>", views.lot, name="stock_lot"),
    path("stock/lots/<uuid:lot_id>/waste", views.waste, name="stock_waste"),
    path("stock/lots/<uuid:lot_id>/count", views.count, name="stock_count"),
]
