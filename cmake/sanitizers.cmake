# YATA_SANITIZE: a list for -fsanitize= (the presets set it); empty means none.
set(YATA_SANITIZE "" CACHE STRING "Sanitizers, as for -fsanitize=")

if(YATA_SANITIZE)
  add_compile_options(-fsanitize=${YATA_SANITIZE} -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${YATA_SANITIZE})
endif()
