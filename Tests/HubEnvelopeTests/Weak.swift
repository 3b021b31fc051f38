/// Public keys that are proper PEM and still not good enough; made for these tests, their private halves thrown away.
enum Weak {
    static let rsa1024 = """
        -----BEGIN PUBLIC KEY-----
        MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDAs6V3ETxDqilUvOvp2iqcKWnN
        s/fQDfUSo4vCg4Bmmqcj3a75iIzoIrhxbNruL/JGsPaOj9A3AOAijc0YCTw7ROjT
        3M5TjXjJSeVIKqGgr8MvSiFId1lJ89FkoA87LcWZxdgRaaKYq2vFRZ3Rgr/UGkTQ
        OG/S4bj+y3ypvYqg6QIDAQAB
        -----END PUBLIC KEY-----
        """

    static let p224 = """
        -----BEGIN PUBLIC KEY-----
        ME4wEAYHKoZIzj0CAQYFK4EEACEDOgAEqiFIFyFrJGhbW7qti8jiJrcxVQDoSYlk
        QWXODr6Jg4WRhRCkFiUevhr3bGgaU1/MtULSUdH7xVs=
        -----END PUBLIC KEY-----
        """

    /// As long as P-256, and not P-256.
    static let secp256k1 = """
        -----BEGIN PUBLIC KEY-----
        MFYwEAYHKoZIzj0CAQYFK4EEAAoDQgAEzIRxMn5K8hTobFchKpxjoBTpkqpG+hSy
        R5juwDofPdJkijb2mT85H1f3cZiIDLzUX2xtO29Tz37EXG9ed0bI5w==
        -----END PUBLIC KEY-----
        """

    static let x25519 = """
        -----BEGIN PUBLIC KEY-----
        MCowBQYDK2VuAyEAHKNcQRXNT4zr7CqR6MJNboj6Q+v+l7rH+FDrcq0krDk=
        -----END PUBLIC KEY-----
        """

    static let explicitCurve = """
        -----BEGIN PUBLIC KEY-----
        MIIBSzCCAQMGByqGSM49AgEwgfcCAQEwLAYHKoZIzj0BAQIhAP////8AAAABAAAA
        AAAAAAAAAAAA////////////////MFsEIP////8AAAABAAAAAAAAAAAAAAAA////
        ///////////8BCBaxjXYqjqT57PrvVV2mIa8ZR0GsMxTsPY7zjw+J9JgSwMVAMSd
        NgiG5wSTamZ44ROdJreBn36QBEEEaxfR8uEsQkf4vOblY6RA8ncDfYEt6zOg9KE5
        RdiYwpZP40Li/hp/m47n60p8D54WK84zV2sxXs7LtkBoN79R9QIhAP////8AAAAA
        //////////+85vqtpxeehPO5ysL8YyVRAgEBA0IABE+hspvc+6591Eszc1BNEvwi
        AJDGy7OWLNQlD7/gH/QrpzvwMpT5WkYFt/p2lV5mSnfm+rcXPTM0L+kLADiGzAA=
        -----END PUBLIC KEY-----
        """
}
