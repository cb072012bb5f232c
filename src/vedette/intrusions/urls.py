"""The pages of detections and bans."""

urlpatterns = []
