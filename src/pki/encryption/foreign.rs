//! Keys other programs encrypted, byte for byte: every algorithm that is read and not written.

use super::super::secret::Password;
use super::*;
use zeroize::Zeroizing;

fn password(text: &str) -> Password {
    Password::new(Zeroizing::new(text.to_owned())).unwrap()
}

/// `openssl genpkey -algorithm ed25519`, a key of no use.
const ED25519: &str =
    "302e020100300506032b657004220420fed1c934ce3cc5a9fd9d2456fc83eb0cff89f535284252e5caf15fb4b9cfe84f";

/// That key by `openssl pkcs8 -topk8 -passout pass:geheim` with these options (`-provider legacy` for the old ones).
const BY_OPENSSL: [(&str, &str); 12] = [
    (
        "-v2 aes128 -v2prf hmacWithSHA1",
        "30818d304906092a864886f70d01050d303c301b06092a864886f70d01050c300e0408eafd156cea5eea9302020800301d060960\
         86480165030401020410413d6a59a922e57783a4fcdc5a2ce0230440a1b56d371a67cd1c65da1f3bad353f4999c3f36018f8e911\
         2d6af2d81b14a633c7740d4bb3279c80a75851db95f36e606b1b47fc324d93f04b8f9c3459c104f8",
    ),
    (
        "-v2 aes-192-cbc -v2prf hmacWithSHA512",
        "30819b305706092a864886f70d01050d304a302906092a864886f70d01050c301c040872faf11783448d0c02020800300c06082a\
         864886f70d020b0500301d06096086480165030401160410be6a3b48dfd34ea7d67419a4bf94eba2044002f5a0cc29bf81e3c244\
         a501f1f62a5287fb428b73d83b718b628e2a10b774ba4ec1f21fc6ca127829fd450cab68a30a11097736891139d30e06ce058e4b\
         8ec1",
    ),
    (
        "-v2 des3 -v2prf hmacWithSHA224",
        "30818a304e06092a864886f70d01050d3041302906092a864886f70d01050c301c0408ef1488c53918ec4c02020800300c06082a\
         864886f70d02080500301406082a864886f70d03070408aa91aac6bcd8585f0438d0beb0a41d27efbb92cf767807190de0634f14\
         14f461521afaa400c604a9754726eea0388f6679512d6fd831921145507463bf6142481a3e",
    ),
    (
        "-scrypt -scrypt_N 1024 -scrypt_r 4 -scrypt_p 2",
        "308193304f06092a864886f70d01050d3042302106092b06010401da47040b301404083432c31f109f4035020204000201040201\
         02301d060960864801650304012a04109a5609151bf5809abb0023504f02f28d04402486c2d49511fb2d0b60b074304e041d5edf\
         c1551c563622278f6c3bff2a198b894dc632dfdd16c4b7319dd737675cce808fde015e23beaed55ff4d8dd920275",
    ),
    (
        "-v1 PBE-SHA1-3DES",
        "3058301c060a2a864886f70d010c0103300e04085083a6d29e5d612b020208000438696d916495330fb1834f61be3784a18d7053\
         9a102138aea78f778a059ed0c6484d54c61c546ae13b7f40be6d0ae82b5487b989aaeb575610",
    ),
    (
        "-v1 PBE-SHA1-2DES",
        "3058301c060a2a864886f70d010c0104300e04085c18dbbbd59ee3c002020800043804b25a7c6ac3407551516772d0ab8aaf154d\
         c7cfe94eae6d439de81d1ca205bdf13a731d253cf2f1e7def4d180e2f65a88896393f2d902da",
    ),
    (
        "-v1 PBE-SHA1-RC2-128",
        "3058301c060a2a864886f70d010c0105300e0408547486bb7e1627e30202080004387a0ee0ef52cae853d785552ce503789948a3\
         29ef1bd93d55f2305c365d8245284e0268c52a2064c8b8553499d4cceb52cc0b5aa97d1bb22e",
    ),
    (
        "-v1 PBE-SHA1-RC2-40",
        "3058301c060a2a864886f70d010c0106300e0408340cc6955c185f5d020208000438d9c6b1e48b841dd70ab58824cb5a4f140fe2\
         b972d3d27afacadf08bad20f8313365827070159d544636910f0155b309b57dfe6ebb57bdb8f",
    ),
    (
        "-v1 PBE-MD5-DES",
        "3057301b06092a864886f70d010503300e0408667702bdafab23690202080004387fff8e9cf51dae2cd80b73ad6e32dc0998b005\
         9ef3f9a4ce0651093132d7a1f21acab541484a0f2c531997726d643221aba0799bebb1ae12",
    ),
    (
        "-v1 PBE-SHA1-DES",
        "3057301b06092a864886f70d01050a300e0408ed32c093e2a1b569020208000438e5e74c2f7808ecdd59a00ba5eac01d15304371\
         e4899744d449e096f774540cac0cea83a687d6118422b37b210d5f8602be792eb3eb8a9362",
    ),
    (
        "-v2 rc2",
        "308192305606092a864886f70d01050d3049302c06092a864886f70d01050c301f04087957f31782dd970802020800020110300c\
         06082a864886f70d02090500301906082a864886f70d0302300d02013a0408a4082b29e752c5b304387dbff1b0e93fbb0f90f939\
         25cf7c78a3b9b781ca437996948018fc200730bddd7b6b6695c34788a8ce4729cf2cbacf5b1dd874fb88f1e341",
    ),
    (
        "-v2 rc2-40-cbc",
        "308193305706092a864886f70d01050d304a302c06092a864886f70d01050c301f04087ca308d287e4fc4502020800020105300c\
         06082a864886f70d02090500301a06082a864886f70d0302300e020200a00408a0cd32ba61f746f30438e71cbbcdea9d6b25517c\
         b157a58fa3725131776cb94d489b1415159721a8b33fabece20474fe97bc2fc3e64bd3b86aa71720a8154eb5b512",
    ),
];

/// `openssl ecparam -name prime256v1 -genkey`, another one.
const P256: &str = "\
    3077020101042071ac428b6b47a9704fe8ae3b869c4734dfbceb614ee2644fbcbe42e6b8e338d8a00a06082a8648ce3d030107a1\
    4403420004d0fcc14b19249010f948b1ff02121f9e4feb0259afc06ab38b0d474fdaba67be61182abc3b9ca701df3fdd97704b21\
    a5d7578743e4b3c4490d82172920a2edca";

/// That key by `openssl ec -passout pass:geheim` with each cipher: DEK-Info and content.
const BY_OPENSSL_TRADITIONALLY: [(&str, &str); 4] = [
    (
        "AES-256-CBC,2ABA72EEDE17968339DB01BCE5FC6EBB",
        "6e377793be531e5ae8ff2fcd70d779762ee42cded5cbb072fd29d19e3fa815807c7c50492e5b958395d662c213585b6c339245d4\
         37a73ad03e3b3b34251a76fd94e609ce2a5483b50f20a5dd0f1fc1ecb8074ae0ac1f0f24b212bd020e4d2a02930202faf0ed6e69\
         7199db721bc89dd4ee56e76c9ab0565ceb520f0208a53e66",
    ),
    (
        "AES-192-CBC,233BD4AD0E983493D4DF38EA6629EDB8",
        "4063ae6187d84b9c133c2f6e0280abaae4f40ffa5cdca6a7dee6c7b36faf39268f3b7096f3cf68c98ea922dfecb82134476db627\
         6fbde35d19dfedb32ff995167bb13d7b0c9bdacc425e8dac7b268e873d6dfecffb63758c3d5f93df2cd54c0887ea2d17576bf49d\
         549f0ab80d8b52ddc82e9fde01631e0a081c244b270a65a0",
    ),
    (
        "DES-EDE3-CBC,91C4CCCC67F490EF",
        "6ec0afb9d26b1c9935bae2f9daa8b8e3e432638f18fdbe7f149015eec4a3c0601ec9894438c072d9c45f68c0c0d786dd3cea0ed3\
         bd2d2195d9f87b541642a69d75d3db6f92a0731dfe18144d7a6cad2d0b26bbee8ac4cad3f82dc5d281676c540d28e0941faa5425\
         d0ffaf8aeb233f49d7c48b64ee848292353c9033a72e26b5",
    ),
    (
        "DES-CBC,A76AE20FB04D94F2",
        "763dc07806effe55f2eadb19f7a4c20ec0b984eaa095eda9dac21146bdfa6e234cd8c79b983c39269b81315171dc1d59a2c08480\
         de6425d32a3bd021617f54df63e2eb5f17946fd719bf60623e669353c281191b3fa34c4aa29b2e69a6d786be002cc3ed5c375cae\
         e0c4d1b30414659e1b17c5a83e893d6ddbc92004f9bb101c",
    ),
];

fn octets(hex: &str) -> Vec<u8> {
    let (pairs, []) = hex.as_bytes().as_chunks::<2>() else { panic!("{hex}") };
    pairs.iter().map(|pair| u8::from_str_radix(str::from_utf8(pair).unwrap(), 16).unwrap()).collect()
}

#[test]
fn what_openssl_encrypts_is_decrypted() {
    for (options, encrypted) in BY_OPENSSL {
        let derivations = Derivations::default();
        let decrypted = decrypt_private_key(&octets(encrypted), &password("geheim"), &derivations);
        assert_eq!(decrypted.unwrap().expose(), octets(ED25519), "{options}");
        let refused = decrypt_private_key(&octets(encrypted), &password("Geheim"), &derivations).err();
        assert_eq!(refused, Some(EncryptionError::WrongPasswordOrDamaged), "{options}");
    }
}

#[test]
fn what_openssl_encrypts_traditionally_is_decrypted() {
    for (info, ciphertext) in BY_OPENSSL_TRADITIONALLY {
        let decrypted = decrypt_traditional(info, &password("geheim"), &octets(ciphertext));
        assert_eq!(decrypted.unwrap().expose(), octets(P256), "{info}");
        let refused = decrypt_traditional(info, &password("Geheim"), &octets(ciphertext)).err();
        assert_eq!(refused, Some(EncryptionError::WrongPasswordOrDamaged), "{info}");
    }
}
