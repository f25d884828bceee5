package io.dormouse.http;

import java.util.List;
import mockwebserver3.MockWebServer;
import okhttp3.OkHttpClient;
import okhttp3.Protocol;
import okhttp3.tls.HandshakeCertificates;
import okhttp3.tls.HeldCertificate;

/** How client and server speak HTTP. */
enum Flavor {
  HTTP_1(false, Protocol.HTTP_1_1),
  HTTP_2(false, Protocol.H2_PRIOR_KNOWLEDGE),
  HTTPS_1(true, Protocol.HTTP_1_1),
  HTTPS_2(true, Protocol.HTTP_2);

  private static final HeldCertificate CERTIFICATE =
      new HeldCertificate.Builder().addSubjectAlternativeName("localhost").build();

  private final boolean tls;
  private final Protocol protocol;

  Flavor(boolean tls, Protocol protocol) {
    this.tls = tls;
    this.protocol = protocol;
  }

  private List<Protocol> protocols() {
    return protocol == Protocol.HTTP_2 ? List.of(protocol, Protocol.HTTP_1_1) : List.of(protocol);
  }

  void prepare(MockWebServer server) {
    server.setProtocols(protocols());
    if (tls) {
      HandshakeCertificates own =
          new HandshakeCertificates.Builder().heldCertificate(CERTIFICATE).build();
      server.useHttps(own.sslSocketFactory());
    }
  }

  OkHttpClient.Builder client() {
    OkHttpClient.Builder client = new OkHttpClient.Builder().protocols(protocols());
    if (tls) {
      HandshakeCertificates trust =
          new HandshakeCertificates.Builder()
              .addTrustedCertificate(CERTIFICATE.certificate())
              .build();
      client.sslSocketFactory(trust.sslSocketFactory(), trust.trustManager());
    }
    return client;
  }
}
