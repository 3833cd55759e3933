#include "auth/key.h"

#include <openssl/evp.h>

namespace yata::auth {

void FreePkey::operator()(EVP_PKEY* key) const {
  EVP_PKEY_free(key);
}

}  // namespace yata::auth
