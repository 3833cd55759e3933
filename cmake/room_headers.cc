// Owns the precompiled header that the rooms share in builds with sanitizers (cmake/rooms.cmake).
