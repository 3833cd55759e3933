# The product is one executable that needs the C library and nothing else of the machine it runs on:
# whatever Debian has as an archive is linked as one.
# A sanitizer wants to see every exception thrown, which it cannot in a static libstdc++.
if(NOT YATA_SANITIZE)
  add_link_options(-static-libstdc++ -static-libgcc)
endif()

set(OPENSSL_USE_STATIC_LIBS ON)
find_package(Threads REQUIRED)
find_package(OpenSSL REQUIRED)
find_package(GTest REQUIRED)

# static_library(NAME): a target NAME for libNAME.a.
function(static_library name)
  find_library(YATA_${name}_ARCHIVE NAMES lib${name}.a REQUIRED)
  add_library(${name} STATIC IMPORTED GLOBAL)
  set_target_properties(${name} PROPERTIES IMPORTED_LOCATION ${YATA_${name}_ARCHIVE})
endfunction()

static_library(yaml-cpp)
static_library(boost_json)
static_library(pugixml)
static_library(sodium)
static_library(zstd)
