extension ErrorCode {
    /// What the code means, for people, in one sentence. The same for every occurrence (RFC 9457 section 3.1.3).
    public var title: Bilingual {
        switch self {
        case .accessAgencyNotOwn:
            Bilingual(
                vi: "Hệ thống không được gửi thay mặt cơ quan này.", en: "The system may not send for this agency.")
        case .accessApprovalMissing:
            Bilingual(vi: "Chưa được duyệt dùng dịch vụ này.", en: "The use of this service has not been approved.")
        case .accessQuotaExceeded:
            Bilingual(vi: "Đã hết số lượt gọi trong ngày.", en: "The calls of this day are used up.")
        case .accessRateLimited: Bilingual(vi: "Gọi quá nhanh.", en: "The calls come too fast.")
        case .adapterBusy:
            Bilingual(vi: "Hệ thống còn thông điệp chưa giao.", en: "There are messages that the system has not got yet.")
        case .adapterUnknown: Bilingual(vi: "Không có bộ kết nối này.", en: "There is no such adapter.")
        case .processFailed:
            Bilingual(
                vi: "Một bước của quy trình bị từ chối; các bước trước đã được hoàn lại.",
                en: "A step of the process was refused; the steps before it were undone.")
        case .routeRefused:
            Bilingual(vi: "Quy tắc của đơn vị vận hành từ chối.", en: "A rule of the operator refuses the message.")
        case .routeRuleInvalid: Bilingual(vi: "Quy tắc định tuyến có lỗi.", en: "A routing rule is faulty.")
        case .serviceReplyUnfit:
            Bilingual(
                vi: "Trả lời của dịch vụ không đúng khuôn dạng đã thỏa thuận.", en: "The reply of the service does not fit its contract.")
        case .serviceRetired: Bilingual(vi: "Dịch vụ đã ngừng.", en: "The service is not offered any more.")
        case .accessDenied:
            Bilingual(vi: "Hệ thống không có quyền này.", en: "The system does not have this right.")
        case .accessUnauthenticated:
            Bilingual(vi: "Không xác thực được bên gửi.", en: "The caller could not be authenticated.")
        case .adapterInvalid: Bilingual(vi: "Bộ kết nối có lỗi.", en: "An adapter is faulty.")
        case .apiHeaderRepeated:
            Bilingual(vi: "Một tiêu đề xuất hiện hai lần.", en: "A header occurs twice.")
        case .apiMediaTypeUnsupported:
            Bilingual(vi: "Kiểu nội dung không được hỗ trợ.", en: "The media type is not supported.")
        case .apiMethodNotAllowed:
            Bilingual(vi: "Phương thức không dùng được ở đây.", en: "The method is not allowed here.")
        case .apiNotFound: Bilingual(vi: "Không có địa chỉ này.", en: "There is nothing at this address.")
        case .apiRequestMalformed: Bilingual(vi: "Yêu cầu sai quy cách.", en: "The request is malformed.")
        case .backupInvalid: Bilingual(vi: "Bản sao lưu không nguyên vẹn.", en: "The backup is not whole.")
        case .backupUnavailable:
            Bilingual(vi: "Không ghi hoặc đọc được bản sao lưu.", en: "The backup cannot be written or read.")
        case .configurationInvalid: Bilingual(vi: "Cấu hình có lỗi.", en: "The configuration is invalid.")
        case .deliveryExpired:
            Bilingual(vi: "Quá thời hạn gửi, thông điệp bị dừng.", en: "The delivery became too old and was given up.")
        case .deliveryRefused: Bilingual(vi: "Bên nhận từ chối.", en: "The receiver refused.")
        case .deliveryReplyUnreadable:
            Bilingual(vi: "Không đọc được trả lời của bên nhận.", en: "The receiver's reply could not be read.")
        case .deliveryTimeout: Bilingual(vi: "Bên nhận không trả lời kịp.", en: "The receiver did not answer in time.")
        case .deliveryUnavailable: Bilingual(vi: "Không kết nối được bên nhận.", en: "The receiver could not be reached.")
        case .directoryInvalid: Bilingual(vi: "Danh mục cơ quan có lỗi.", en: "The directory of agencies is faulty.")
        case .envelopeAlgorithmRefused:
            Bilingual(vi: "Thuật toán ký không được chấp nhận.", en: "The signature algorithm is not accepted.")
        case .envelopeCryptoFailed: Bilingual(vi: "Phép mật mã thất bại.", en: "A cryptographic operation failed.")
        case .envelopeDecryptionFailed:
            Bilingual(vi: "Không mở được phong bì mã hóa.", en: "The encrypted envelope could not be opened.")
        case .envelopeEncryptionRefused:
            Bilingual(vi: "Cách mã hóa không được chấp nhận.", en: "The way of encrypting is not accepted.")
        case .envelopeHashMismatch:
            Bilingual(vi: "Mã băm không khớp nội dung.", en: "The hash does not belong to the content.")
        case .envelopeKeyUnknown:
            Bilingual(vi: "Khóa ký chưa được đăng ký.", en: "The signing key is not registered.")
        case .envelopeKeyUnusable: Bilingual(vi: "Khóa không dùng được.", en: "The key is not usable.")
        case .envelopeSignatureInvalid: Bilingual(vi: "Chữ ký số không hợp lệ.", en: "The signature is not valid.")
        case .envelopeSignatureMalformed:
            Bilingual(vi: "Chữ ký số sai cấu trúc.", en: "The signature does not have the required form.")
        case .envelopeSignatureMissing: Bilingual(vi: "Thiếu chữ ký số.", en: "The signature is missing.")
        case .envelopeSignerMismatch:
            Bilingual(vi: "Người ký không phải bên gửi.", en: "The signer is not the sender.")
        case .evidenceInvalid: Bilingual(vi: "Bằng chứng không hợp lệ.", en: "The evidence is not valid.")
        case .intakeIdentityConflict:
            Bilingual(
                vi: "Trùng định danh nhưng nội dung khác.", en: "The same identity was used with other content.")
        case .intakeIdentityMissing:
            Bilingual(vi: "Thiếu trường định danh thông điệp.", en: "The identifying fields are missing.")
        case .intakeOverloaded: Bilingual(vi: "Hệ thống đang quá tải.", en: "The hub is overloaded.")
        case .intakeTimeout: Bilingual(vi: "Gửi quá chậm.", en: "The request was sent too slowly.")
        case .intakeTooLarge: Bilingual(vi: "Thông điệp quá lớn.", en: "The message is too large.")
        case .intakeTypeUnknown: Bilingual(vi: "Không rõ loại thông điệp.", en: "The message type is unknown.")
        case .internalFault: Bilingual(vi: "Lỗi bên trong hệ thống.", en: "A fault inside the hub.")
        case .journalClosed: Bilingual(vi: "Nhật ký đã đóng.", en: "The journal is closed.")
        case .journalDamaged: Bilingual(vi: "Nhật ký bị hỏng.", en: "The journal is damaged.")
        case .journalOverloaded:
            Bilingual(vi: "Quá nhiều bản ghi đang chờ.", en: "Too many records wait to be written.")
        case .journalUnavailable: Bilingual(vi: "Không ghi được nhật ký.", en: "The journal cannot be written.")
        case .jsonDuplicateKey: Bilingual(vi: "JSON có khóa trùng.", en: "The JSON has a duplicate key.")
        case .jsonMalformed: Bilingual(vi: "JSON sai cú pháp.", en: "The JSON is malformed.")
        case .jsonTooDeep: Bilingual(vi: "JSON lồng quá sâu.", en: "The JSON is nested too deeply.")
        case .mailboxLeaseUnknown:
            Bilingual(vi: "Không có bản tin này trong hộp thư.", en: "The mailbox has no such delivery.")
        case .mappingFailed: Bilingual(vi: "Không chuyển đổi được nội dung.", en: "The payload could not be mapped.")
        case .mappingInvalid: Bilingual(vi: "Ánh xạ có lỗi.", en: "A mapping is faulty.")
        case .messageNotFound: Bilingual(vi: "Không có thông điệp này.", en: "There is no such message.")
        case .messagePayloadForgotten:
            Bilingual(
                vi: "Nội dung đã được xóa theo chính sách lưu giữ.", en: "The payload was removed by policy.")
        case .routeMissing: Bilingual(vi: "Không có đường đến bên nhận.", en: "There is no route to the receiver.")
        case .routeReceiverClosed:
            Bilingual(vi: "Mã cơ quan nhận đã đóng.", en: "The code of the receiver is closed.")
        case .routeReceiverUnknown:
            Bilingual(vi: "Không có cơ quan nhận này trong danh mục.", en: "The receiver is not in the directory.")
        case .schemaInvalid: Bilingual(vi: "Lược đồ có lỗi.", en: "A schema is faulty.")
        case .schemaPayloadInvalid:
            Bilingual(vi: "Nội dung không đúng lược đồ.", en: "The payload does not fit its schema.")
        case .schemaUnknown: Bilingual(vi: "Không có lược đồ cho loại này.", en: "There is no schema for this type.")
        case .serviceFailed: Bilingual(vi: "Dịch vụ trả lời không hợp lệ.", en: "The service gave no usable answer.")
        case .serviceUnavailable: Bilingual(vi: "Dịch vụ tạm thời không có.", en: "The service is not available now.")
        case .serviceUnknown: Bilingual(vi: "Không có dịch vụ này.", en: "There is no such service.")
        case .timestampInvalid:
            Bilingual(vi: "Dấu thời gian không hợp lệ.", en: "The timestamp is not valid.")
        case .timestampUnavailable:
            Bilingual(vi: "Chưa lấy được dấu thời gian.", en: "The timestamp authority gave no timestamp.")
        case .trustChainUnknown:
            Bilingual(
                vi: "Chứng thư không dẫn về gốc tin cậy.",
                en: "The certificate leads to no trusted root.")
        case .trustConstraint:
            Bilingual(
                vi: "Chuỗi chứng thư vi phạm ràng buộc.",
                en: "The certificate chain breaks a constraint.")
        case .trustExpired: Bilingual(vi: "Chứng thư đã hết hạn.", en: "A certificate has expired.")
        case .trustNotYetValid:
            Bilingual(vi: "Chứng thư chưa có hiệu lực.", en: "A certificate is not valid yet.")
        case .trustPurpose:
            Bilingual(
                vi: "Chứng thư không dùng cho mục đích này.",
                en: "The certificate is not made for this purpose.")
        case .trustRevocationUnknown:
            Bilingual(
                vi: "Không rõ chứng thư đã bị thu hồi hay chưa.",
                en: "Whether the certificate was revoked is not known.")
        case .trustRevoked: Bilingual(vi: "Chứng thư đã bị thu hồi.", en: "A certificate was revoked.")
        case .trustTestAuthority:
            Bilingual(
                vi: "Chứng thư do nơi cấp thử nghiệm cấp.",
                en: "The certificate comes from a test authority.")
        case .trustWeak:
            Bilingual(
                vi: "Khóa hoặc thuật toán của chứng thư quá yếu.",
                en: "A key or an algorithm of the certificate is too weak.")
        case .xmlDoctypeForbidden: Bilingual(vi: "Không cho phép DOCTYPE.", en: "A DOCTYPE is not allowed.")
        case .xmlMalformed: Bilingual(vi: "XML sai cú pháp.", en: "The XML is malformed.")
        case .xmlTooDeep: Bilingual(vi: "XML lồng quá sâu.", en: "The XML is nested too deeply.")
        case .yamlInvalid: Bilingual(vi: "Tệp YAML có lỗi.", en: "A YAML file is faulty.")
        }
    }
}
