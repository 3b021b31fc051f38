import HubEnvelope
import HubModel

/// A chain with parts that are not good enough.
///
/// Made with the `openssl` command line for these tests: the authority
/// of this project makes none. The private keys were thrown away; everything is valid until the year 2126.
enum WeakChain {
    static func certificate(_ text: String) throws -> Certificate {
        try Certificate(pem: Array(text.utf8))
    }

    static let root = """
        -----BEGIN CERTIFICATE-----
        MIIDNDCCAhygAwIBAgIUBbArHn3JPOKO5nrAUWd7XL/fKZowDQYJKoZIhvcNAQEL
        BQAwMTEbMBkGA1UECgwSbGdzcC1odWIgVEVTVCBPTkxZMRIwEAYDVQQDDAlXZWFr
        IHJvb3QwIBcNMjYxMTI2MTcwNzU5WhgPMjEyNjExMDIxNzA3NTlaMDExGzAZBgNV
        BAoMEmxnc3AtaHViIFRFU1QgT05MWTESMBAGA1UEAwwJV2VhayByb290MIIBIjAN
        BgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA1auyxNONkk3sO8iC4m4k0sy7vCqz
        V52HVuzGIZnsvzJbfgR1dPyJ+bQwSWCxso4cKPv/repgN5fv2F+i8nnAI9lnsOi4
        XmoMWBDNJP4BoWa9mjxzfQfgxOdubP40Ta/5QnNGQdO5l+eplbajdPpdtTUhIOE3
        q/7Pf8kOY3Ekagn5HhBLYNCuwAGhjhsmXePXoX3sjUyxZpTu0/uFktmi9LZWNHCy
        dawCmBrmYAo4PFuTGXeEQV+MXXHwPEIBxoaX2FAkC9JVTDOoOVajlkk5ZZUzgzot
        Z4awlFQrD2+ky83bKDTc0lRpQv3EQIwyG9hTdmYcVr7AcA2/pkEF+DqBRQIDAQAB
        o0IwQDAPBgNVHRMBAf8EBTADAQH/MA4GA1UdDwEB/wQEAwIBBjAdBgNVHQ4EFgQU
        sOqoWPdFUj9xyGi/TzWIOMI/wBYwDQYJKoZIhvcNAQELBQADggEBAKtXrKRasM9m
        kxP87lG/kd+1kReps/amnZT87ZY60p9HKT/19IlVZopsmmeyEkt7fq3WNC4VsYMi
        GOvDxfGhLb3nuwlS+u5fRMtO1sYcZ7T1rgLzLyxkpgHlfNGLT12mRS8dTF3T9TVF
        DR9J3YR6PlwWLvFjjI8CbzLNpsIZEDt4dPf771wVAtRqghdQNOOuT0VLnHHSe4ZX
        yc/Mk+hKvsqV+dU7OaQLSYVXbOxn1qql7ZvOEBS1n+WBRyt18rgjenu3FDWPmA/g
        O+gEbwswLAfUnJUDvr0dNGXvqaRBhIFWmD8CqnRs5o9ueq1aPzfs6JqnVKH0McgU
        gers56S0fZU=
        -----END CERTIFICATE-----
        """

    static let strongLeaf = """
        -----BEGIN CERTIFICATE-----
        MIICfTCCAWWgAwIBAgIIEAAAAIQjEuIwDQYJKoZIhvcNAQELBQAwMTEbMBkGA1UE
        CgwSbGdzcC1odWIgVEVTVCBPTkxZMRIwEAYDVQQDDAlXZWFrIHJvb3QwIBcNMjYx
        MTI2MTcwODAwWhgPMjEyNjExMDIxNzA4MDBaMDMxGzAZBgNVBAoMEmxnc3AtaHVi
        IFRFU1QgT05MWTEUMBIGA1UEAwwLc3Ryb25nLWxlYWYwWTATBgcqhkjOPQIBBggq
        hkjOPQMBBwNCAAQY6iylQB6NO2atLsmgM8w7HhWV1azLQxEbidh8pgp30loJXxRy
        KUDZwWsOFAbx9V3aepteu9BbTjmYV+rAeHBCo2AwXjAMBgNVHRMBAf8EAjAAMA4G
        A1UdDwEB/wQEAwIHgDAdBgNVHQ4EFgQUBC9qyZRFvKLhE73NmAKFtPKAgowwHwYD
        VR0jBBgwFoAUsOqoWPdFUj9xyGi/TzWIOMI/wBYwDQYJKoZIhvcNAQELBQADggEB
        AEqbycgOOCUjrtTIWMWk+Uz3ND5DxvY6Q4L4KP9Q8VpIte6kGEjs6OoApYAOtuS0
        ZxWSoAP+o0R4SAtaqn7s1s3hbFnIt/5HmfG6/58dlNGRZ9sEqyXkK3EHqx3g0PXQ
        yJEGns39yX+KFuIL4oRE5Ned92INEajU/dnhs+/s7/joSBHP1A1AXohI23GKEKTI
        U7tEMfQlQ6UJwJedG1uxq+C16ILa1Wkps/jS5O/E6E1PTlmHEiHG+Nm4kX8+ByNg
        S68SwE+E3fo7/zrLWBbQqwU7L8w8uMdDszfymyVZatCp+A3dr/vh8/zjO9q69B0U
        4DiOoLmvQ0lFkfQbbcwd+vY=
        -----END CERTIFICATE-----
        """

    static let rsa1024Leaf = """
        -----BEGIN CERTIFICATE-----
        MIICxTCCAa2gAwIBAgIIEAAAAERr97UwDQYJKoZIhvcNAQELBQAwMTEbMBkGA1UE
        CgwSbGdzcC1odWIgVEVTVCBPTkxZMRIwEAYDVQQDDAlXZWFrIHJvb3QwIBcNMjYx
        MTI2MTcwNzU5WhgPMjEyNjExMDIxNzA3NTlaMDQxGzAZBgNVBAoMEmxnc3AtaHVi
        IFRFU1QgT05MWTEVMBMGA1UEAwwMcnNhMTAyNC1sZWFmMIGfMA0GCSqGSIb3DQEB
        AQUAA4GNADCBiQKBgQCsqeBlHb89FrgclorRhlKqMVurbdBAgtWclI2aODCR4uqI
        qemTsuAHL3zUeh8uj7NUOx7DBXlTUKYhcjE3qSyqPrAD70Dt0PgtmhNkUjsc/Oho
        ORFd3lS+UxPNpA4WqyilIp+Yf5fUibZDqycI2ltj8FefTRTis981sxoJ/5sFBwID
        AQABo2AwXjAMBgNVHRMBAf8EAjAAMA4GA1UdDwEB/wQEAwIHgDAdBgNVHQ4EFgQU
        SGmMMTkUdXu/S/x/IgA/QMRgAqYwHwYDVR0jBBgwFoAUsOqoWPdFUj9xyGi/TzWI
        OMI/wBYwDQYJKoZIhvcNAQELBQADggEBAFHgfjA0Zkh+bRiNmC5a/ZKLMiK2bjjW
        aT0QZ3vBvvM0C6CvjdGzfrbfAfIkbtlcFP7oUlgJMtDBm0Nn2lc8AdJaJfEp2B65
        Jw0zcwwZEekTitF1Rx8pqCUxG84oK1OlJ9nzCiXzUmonAP+lHU0Ea3jCILT37lz0
        TdbhQguzPcCddm1fzGbuo8/6gaeDAexVYp9WEbf3omcj12HGvnIcyHz0+I95uOGg
        GlXhulvit2ZhWlBoC+Lo4Imxxoq4vlR1BYQWdguTMDp6BKGVpF4OpTJy81cX38re
        CMMPcCCQZMw6s4i1ca5OH0Da66nMdgIeSCAiUXxLPqr3RFteAGJL8Oc=
        -----END CERTIFICATE-----
        """

    static let rsa1024Authority = """
        -----BEGIN CERTIFICATE-----
        MIICzTCCAbWgAwIBAgIIEAAAAMNf74owDQYJKoZIhvcNAQELBQAwMTEbMBkGA1UE
        CgwSbGdzcC1odWIgVEVTVCBPTkxZMRIwEAYDVQQDDAlXZWFrIHJvb3QwIBcNMjYx
        MTI2MTcwNzU5WhgPMjEyNjExMDIxNzA3NTlaMDkxGzAZBgNVBAoMEmxnc3AtaHVi
        IFRFU1QgT05MWTEaMBgGA1UEAwwRcnNhMTAyNC1hdXRob3JpdHkwgZ8wDQYJKoZI
        hvcNAQEBBQADgY0AMIGJAoGBALLqbpYxpvPIRhn4VSoNEI5eK8gyN9stXD7ghNv2
        ivX312J9GiOx+OHHcTFhDz5XHnCPN3PQGMpsAAiyopmHTtiYRangsINvuOZVY+DG
        twpLdkG37ECOlEd6npbvMj/vAyrEEFCNqd/tiy6Mrwl5V8f231vNrTkJ38QEsl06
        /Ms3AgMBAAGjYzBhMA8GA1UdEwEB/wQFMAMBAf8wDgYDVR0PAQH/BAQDAgEGMB0G
        A1UdDgQWBBRIAApv6YUVks+959LJeIkT8UtTjjAfBgNVHSMEGDAWgBSw6qhY90VS
        P3HIaL9PNYg4wj/AFjANBgkqhkiG9w0BAQsFAAOCAQEAfAl3MZo3XUPbixoGPdMb
        2YdxRgD/S7B6Rqgqi7DEoNPazICNvh1RXfvpGeUv9z1gVO3cFK4iCCKYdtfDwCoH
        TZ+SN+Wnn8fo0GhtzHtL9CGnVD1Yfnk/Z0PvaGNylxemoAX1K94hpFMSDhme5lry
        gqBKDIAaABPP5X0O9GQaPZICOuGbZh0nGzvYo+C+D8Qwwku5+E2W/5MzUv779nrf
        KWYxT5ODvybMOAfcN2kwkuRND8UVkUVGHuwm92WpIKMDdynhXzCSACXfO6quOxGo
        iLdI5GCXEyCk1uAnBBidSV+Dqy67Av5Gs/d0sl2kv32XE4uNhQTEXO3RT9r4SBsH
        vg==
        -----END CERTIFICATE-----
        """

    static let leafOfRSA1024 = """
        -----BEGIN CERTIFICATE-----
        MIICCDCCAXGgAwIBAgIIEAAAAIN5GtswDQYJKoZIhvcNAQELBQAwOTEbMBkGA1UE
        CgwSbGdzcC1odWIgVEVTVCBPTkxZMRowGAYDVQQDDBFyc2ExMDI0LWF1dGhvcml0
        eTAgFw0yNjExMjYxNzA3NTlaGA8yMTI2MTEwMjE3MDc1OVowNzEbMBkGA1UECgwS
        bGdzcC1odWIgVEVTVCBPTkxZMRgwFgYDVQQDDA9sZWFmLW9mLXJzYTEwMjQwWTAT
        BgcqhkjOPQIBBggqhkjOPQMBBwNCAARgwh56/1FT7bLv1aMRd8g1X0xe01MJV+YL
        i80XEz6iVqrb9KkXApValZTeqlNBi5diVQGCkHH3laszHWRMoFfbo2AwXjAMBgNV
        HRMBAf8EAjAAMA4GA1UdDwEB/wQEAwIHgDAdBgNVHQ4EFgQUQ3Vi0D9PCODTUSV7
        7NRfWPSTX44wHwYDVR0jBBgwFoAUSAAKb+mFFZLPvefSyXiJE/FLU44wDQYJKoZI
        hvcNAQELBQADgYEAPDKstMJg1CBhppxQY11ix6CNJf83JuHv4jr3+Rrfng41vDZA
        cqD11R3hlLGCAzYAC40WAjErXJ0x+Qvxf7cXqPPgQZAgscBjJNYnIGI99HdibB5g
        ftTW5gWNTJ5SK/Efd3CbyFiBEp6EOgybzdICAi95TnbqXQGc3sMsSFRkSLE=
        -----END CERTIFICATE-----
        """

    static let sha1Leaf = """
        -----BEGIN CERTIFICATE-----
        MIICezCCAWOgAwIBAgIIEAAAAG6taTgwDQYJKoZIhvcNAQEFBQAwMTEbMBkGA1UE
        CgwSbGdzcC1odWIgVEVTVCBPTkxZMRIwEAYDVQQDDAlXZWFrIHJvb3QwIBcNMjYx
        MTI2MTcwNzU5WhgPMjEyNjExMDIxNzA3NTlaMDExGzAZBgNVBAoMEmxnc3AtaHVi
        IFRFU1QgT05MWTESMBAGA1UEAwwJc2hhMS1sZWFmMFkwEwYHKoZIzj0CAQYIKoZI
        zj0DAQcDQgAE1AhOfhUFYoiCcGqZIkHf47XVXmEhiUaEfEqpPqABMSPqRF8QHzzq
        y1//wpxpiCLAeY4Tty2cifHwzU8sKAwfsqNgMF4wDAYDVR0TAQH/BAIwADAOBgNV
        HQ8BAf8EBAMCB4AwHQYDVR0OBBYEFBGCeUxmviWDqW6A/x4Tgp8yQkMMMB8GA1Ud
        IwQYMBaAFLDqqFj3RVI/cchov081iDjCP8AWMA0GCSqGSIb3DQEBBQUAA4IBAQBm
        8k2QHpUuJSbawrbLUziRUDVzo3zGr1k1OaFaRFwwV/IO8jRnJY0MDdHBuK52evqI
        aNua8qo6Hze0Bp8fq/so/kD4W7al7vYx7sFn/jgYAl8WdWwo22o8m4veKH6Fxlde
        cvc/ApDl1eeOL5FVy3YgQjvCst7RBbylgoVT96z7usp5yDKicfp0cW8q3Vk7dMt+
        0GLN35gxuDtEy/ayZ7JL99xrFhoQyfduphoKoIImUaM6sq7mWNcy2KHJ4uyzFnmT
        zq5Jp66fQZzy1Fx79pomwmB1T4PwrNneSEtUOeu9QBQhiEgSEw30sIx7Su1KlG7F
        iA1VCjeawnyI3wDwJYLQ
        -----END CERTIFICATE-----
        """

    static let md5Leaf = """
        -----BEGIN CERTIFICATE-----
        MIICejCCAWKgAwIBAgIIEAAAAJStDdEwDQYJKoZIhvcNAQEEBQAwMTEbMBkGA1UE
        CgwSbGdzcC1odWIgVEVTVCBPTkxZMRIwEAYDVQQDDAlXZWFrIHJvb3QwIBcNMjYx
        MTI2MTcwODAwWhgPMjEyNjExMDIxNzA4MDBaMDAxGzAZBgNVBAoMEmxnc3AtaHVi
        IFRFU1QgT05MWTERMA8GA1UEAwwIbWQ1LWxlYWYwWTATBgcqhkjOPQIBBggqhkjO
        PQMBBwNCAAQqT+gyNQwUIzbZJ+F267rJU/U/0mKZsIYqUO7U61a5lok+gl3J/l0A
        IMT4ugm33L3StKgBtW62J3NvFbq3TwjBo2AwXjAMBgNVHRMBAf8EAjAAMA4GA1Ud
        DwEB/wQEAwIHgDAdBgNVHQ4EFgQU01B6x/9D4seuT/ou/+/l0HMMS0owHwYDVR0j
        BBgwFoAUsOqoWPdFUj9xyGi/TzWIOMI/wBYwDQYJKoZIhvcNAQEEBQADggEBAEd0
        iZmx2Qob3ULJ63NjUwl3fAJzDC2YQU34tNJ3qEQMwu0/KTGNRRKquk+blmjIkQ90
        gi9680MMXGhqxZpzxtbNeYmY97QHeK0q1/yhTXfUlvLTrBrCznj8ZpEw5nQqXGt2
        ci5e6/vV9+Ps1rTNg7/ofFVpfAWe0XpGv0J8EiBs5tIfMYo/mFbmZP7yIKjDyogA
        S71tSvsKTyxmezhVa736fchk2u3LrLmQ7yjLUQuogjUW/5gkX4sZ3dQeY6VR3EJJ
        ziAbODbd0x/YV8SPeckEtZl1POoq2+roirh0Sk5GHxrqbsr2bHSI8JNgWhkw8CfZ
        x2IwRqrvgJAhDKfs8zE=
        -----END CERTIFICATE-----
        """

    static let sha1List = """
        -----BEGIN X509 CRL-----
        MIIBizB1AgEBMA0GCSqGSIb3DQEBBQUAMDExGzAZBgNVBAoMEmxnc3AtaHViIFRF
        U1QgT05MWTESMBAGA1UEAwwJV2VhayByb290Fw0yNjExMjYxNzA4MDBaGA8yMTI2
        MTEwMjE3MDgwMFqgDjAMMAoGA1UdFAQDAgECMA0GCSqGSIb3DQEBBQUAA4IBAQCs
        7XZALHCXLV/ZV0wrbNZqACsjV0cZJ2GiAUKr35Q0cyyvIKl3vHcRYj9wnUzWoegi
        mworC+MjWZpQRJiSwwy9hGjV2G26TU+rfXrcVG6/ZHHQ9TDZUZRXn/qPLpuo2+jC
        gM543YkveSKiegpSvJoKSD3y/QBjScn7yQPOGdHZgFjywuQFHWA2GOfgBj3M+Ngp
        gMoaf/+B8d5wBMHoFEtdzVzcux59cdQGjDhzLPR69OVwwu7Y3oowW/JGsi70nU+z
        7FOtGB6yUeNIwcpVIUuo5vcpg6llBKncy7z3tmAoGWZfdMx5NQkzhWd+NQHGSknF
        a+mcVwv/0cIgkBd5tG5e
        -----END X509 CRL-----
        """
}
