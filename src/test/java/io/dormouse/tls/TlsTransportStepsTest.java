package io.dormouse.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dormouse.connection.CloseReason;
import io.dormouse.connection.TlsSession;
import io.dormouse.support.Certificates;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SelectionKey;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.util.Random;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngineResult;
import okhttp3.tls.HeldCertificate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** TLS step by step, in pieces of any size. */
class TlsTransportStepsTest {
  private static final String TWELVE = "TLSv1.2";
  private static final String THIRTEEN = "TLSv1.3";

  private static byte[] noise(int size) {
    byte[] bytes = new byte[size];
    new Random(size).nextBytes(bytes);
    return bytes;
  }

  /** Reads as who has that much room, each time it is announced, until nothing more is. */
  private static byte[] readAll(TlsRig rig, int room) throws IOException {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    rig.want(SelectionKey.OP_READ);
    rig.exchange();
    for (int i = 0; rig.told != 0; i++) {
      assertThat(i).as("announced, and nothing is there").isLessThan(100_000);
      rig.told = 0;
      ByteBuffer into = ByteBuffer.allocate(room);
      int count = rig.transport.read(into);
      if (count < 0) {
        break;
      }
      assertThat(into.position()).isEqualTo(count);
      all.write(into.array(), 0, count);
      rig.want(SelectionKey.OP_READ);
      rig.exchange();
    }
    return all.toByteArray();
  }

  // ------------------------------------------------------------------------------ the handshake

  @ParameterizedTest
  @CsvSource({"TLSv1.2, false", "TLSv1.2, true", "TLSv1.3, false", "TLSv1.3, true"})
  void aHandshakeThatComesByteByByteAndGoesByteByByte(String version, boolean likeAndroid)
      throws IOException {
    TlsRig rig = new TlsRig(version, likeAndroid);
    rig.below.mostAtOnce = 1;
    rig.below.room = 0;
    boolean done = false;
    for (int i = 0; i < 20_000 && !done; i++) {
      rig.below.room = 1;
      done = rig.transport.finishConnect();
      rig.want(SelectionKey.OP_CONNECT);
      rig.exchange();
    }
    assertThat(done).isTrue();
    assertThat(rig.transport.tlsSession().protocol()).isEqualTo(version);
  }

  @ParameterizedTest
  @ValueSource(strings = {TWELVE, THIRTEEN})
  void aHandshakeMayEndWithNothingToSend(String version) throws IOException {
    TlsRig rig = new TlsRig(version, true);
    rig.shake();
    byte[] sent = noise(1_000);
    rig.serverSends(sent);
    assertThat(readAll(rig, 10_000)).isEqualTo(sent);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void whileAnotherThreadWorksTheSelectorIsAskedForNothing(boolean likeAndroid) throws IOException {
    TlsRig rig = new TlsRig(THIRTEEN, likeAndroid);
    boolean unused = rig.transport.finishConnect();
    boolean served = rig.serve();
    assertThat(served).isTrue();
    boolean selected = rig.select();
    assertThat(selected).isTrue();
    assertThat(rig.work).hasSize(1);
    int steps = 0; // the last looks whether the server is the one that is meant
    for (int i = 0; i < 100 && !rig.transport.finishConnect(); i++) {
      if (rig.work.isEmpty()) {
        boolean moved = rig.serve() || rig.select();
        assertThat(moved).isTrue();
      } else {
        assertThat(rig.transport.isComputing()).isTrue();
        assertThat(rig.below.interest).isZero();
        boolean worked = rig.doWork();
        steps += worked ? 1 : 0;
      }
    }
    assertThat(rig.transport.finishConnect()).isTrue();
    assertThat(steps).isGreaterThan(1);
  }

  @Test
  void aHandshakeIsToldOnceWhenItIsDone() throws IOException {
    TlsRig rig = new TlsRig(THIRTEEN);
    boolean unused = rig.transport.finishConnect();
    rig.exchange();
    assertThat(rig.announcements).isEqualTo(1);
    assertThat(rig.told).isEqualTo(SelectionKey.OP_CONNECT);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void whatIsClosedInTheMiddleOfAStepStaysClosed(boolean likeAndroid) throws IOException {
    TlsRig rig = new TlsRig(THIRTEEN, likeAndroid);
    boolean unused = rig.transport.finishConnect();
    boolean served = rig.serve();
    boolean selected = rig.select();
    assertThat(served && selected).isTrue();
    rig.transport.close();
    byte[] before = rig.below.takeWritten();
    rig.exchange();
    assertThat(before).as("nobody speaks while another thread works").isEmpty();
    assertThat(rig.announcements).isZero();
    assertThatThrownBy(() -> rig.transport.read(ByteBuffer.allocate(1)))
        .isInstanceOf(ClosedChannelException.class);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aServerThatGoesAwayInTheHandshakeIsNotWaitedFor(boolean likeAndroid) throws IOException {
    TlsRig rig = new TlsRig(THIRTEEN, likeAndroid);
    boolean unused = rig.transport.finishConnect();
    assertThat(rig.below.takeWritten()).isNotEmpty();
    rig.below.inputEnds = true;
    rig.exchange();
    assertThat(rig.told).isNotZero();
    assertThatThrownBy(() -> rig.transport.finishConnect())
        .hasRootCauseInstanceOf(EOFException.class);
  }

  @Test
  void whoIsAnotherIsToldTheEnd() throws IOException {
    TlsRig rig = new TlsRig(THIRTEEN, Certificates.server(another()).sslContext());
    boolean unused = rig.transport.finishConnect();
    rig.exchange();
    assertThat(rig.told).isNotZero();
    assertThatThrownBy(() -> rig.transport.finishConnect())
        .isInstanceOf(TlsException.class)
        .hasRootCauseInstanceOf(TlsClient.WrongHostException.class);
    rig.transport.close();
    boolean served = rig.serve();
    assertThat(served && rig.serverSawEnd).isTrue();
  }

  private static HeldCertificate another() {
    return Certificates.signed().addSubjectAlternativeName("a.example").build();
  }

  @Test
  void whateverAnEngineThrowsAtWhatComesIsAFailure() throws IOException {
    RuntimeException thrown = new IllegalStateException("of the engine");
    TlsRig rig =
        new TlsRig(
            THIRTEEN,
            engine ->
                new LikeConscrypt(engine, () -> true) {
                  @Override
                  public SSLEngineResult unwrap(
                      ByteBuffer from, ByteBuffer[] into, int offset, int length) {
                    throw thrown;
                  }
                });
    assertThatThrownBy(() -> rig.transport.finishConnect())
        .isInstanceOf(TlsException.class)
        .hasRootCause(thrown);
  }

  // ------------------------------------------------------------------------------------ reading

  @ParameterizedTest
  @ValueSource(ints = {1, 10, 1_000, 16_384, 16_385, 40_000, 65_536})
  void whatCameTogetherIsReadInPiecesThoughNothingBelowAnnouncesIt(int room) throws IOException {
    TlsRig rig = TlsRig.open(THIRTEEN);
    byte[] sent = noise(room == 1 ? 20_000 : 100_000);
    rig.serverSends(sent);
    assertThat(readAll(rig, room)).isEqualTo(sent);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 10, 1_000, 16_384, 16_385, 40_000})
  void whatAnEngineKeepsOfARecordIsReadInPiecesToo(int room) throws IOException {
    TlsRig rig = new TlsRig(THIRTEEN, true);
    rig.shake();
    byte[] sent = noise(room == 1 ? 20_000 : 100_000);
    rig.serverSends(sent);
    assertThat(readAll(rig, room)).isEqualTo(sent);
  }

  @Test
  void aPartOfARecordIsKept() throws IOException {
    TlsRig rig = TlsRig.open(THIRTEEN);
    byte[] sent = noise(50_000);
    rig.serverSends(sent);
    rig.below.mostAtOnce = 7;
    assertThat(readAll(rig, 65_536)).isEqualTo(sent);
  }

  /** The JDK's engine looks for room before it looks whether the record is there. */
  @Test
  void aPartOfARecordForWhichThereIsNoRoomIsNotAnnounced() throws IOException {
    TlsRig rig = TlsRig.open(THIRTEEN);
    byte[] sent = noise(16_000);
    rig.serverSends(sent);
    rig.below.mostAtOnce = 8_000;
    rig.below.most = 8_000;
    assertThat(readAll(rig, 4_096)).isEmpty();
    rig.below.most = Long.MAX_VALUE;
    assertThat(readAll(rig, 4_096)).isEqualTo(sent);
  }

  /** What is read below may end with a record, and the next may be too long for what is left. */
  @Test
  void aRecordForWhichThereIsNoRoomIsAnnouncedThoughItCameWithASecondReadBelow()
      throws IOException {
    TlsRig rig = TlsRig.open(THIRTEEN);
    byte[] first = noise(65_536 - 4 * 38); // which is what four records of the JDK have besides
    byte[] rest = noise(1_000);
    rig.serverSends(first);
    rig.serverSends(rest);
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    all.writeBytes(first);
    all.writeBytes(rest);
    assertThat(readAll(rig, 65_536)).isEqualTo(all.toByteArray());
  }

  @ParameterizedTest
  @ValueSource(strings = {TWELVE, THIRTEEN})
  void anEndIsAnnouncedToWhoHasRoomForOneByte(String version) throws IOException {
    TlsRig rig = TlsRig.open(version);
    rig.serverSends(noise(3));
    rig.serverEnds();
    ByteBuffer one = ByteBuffer.allocate(1);
    int count = 0;
    for (int i = 0; i < 10 && count >= 0; i++) {
      rig.told = 0;
      rig.want(SelectionKey.OP_READ);
      rig.exchange();
      assertThat(rig.told).as("after " + i).isEqualTo(SelectionKey.OP_READ);
      one.clear();
      count = rig.transport.read(one);
    }
    assertThat(count).isEqualTo(-1);
  }

  /** That nothing more is there is known from what the first gave. */
  @Test
  void whatComesAtOnceIsOneReadBelow() throws IOException {
    TlsRig rig = TlsRig.open(THIRTEEN);
    rig.serverSends(noise(100));
    int before = rig.below.reads;
    assertThat(rig.transport.read(ByteBuffer.allocate(1_000))).isEqualTo(100);
    assertThat(rig.below.reads - before).isEqualTo(1);
  }

  /** A system call for so few bytes, again and again, is the others' time. */
  @Test
  void aPeerThatSendsByteByByteHasItsTurnsToo() throws IOException {
    TlsRig rig = TlsRig.open(THIRTEEN);
    byte[] sent = noise(4_000);
    for (byte each : sent) {
      rig.serverSends(new byte[] {each});
    }
    int before = rig.below.reads;
    ByteBuffer first = ByteBuffer.allocate(17_000);
    assertThat(rig.transport.read(first)).isLessThan(sent.length);
    assertThat(rig.below.reads - before).as("reads below").isLessThan(6);
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    all.write(first.array(), 0, first.position());
    all.writeBytes(readAll(rig, 17_000));
    assertThat(all.toByteArray()).isEqualTo(sent);
  }

  @Test
  void whatIsThereIsAnnouncedOnce() throws IOException {
    TlsRig rig = TlsRig.open(THIRTEEN);
    rig.serverSends(noise(60_000));
    assertThat(rig.transport.read(ByteBuffer.allocate(100))).isEqualTo(100);
    rig.want(SelectionKey.OP_READ);
    assertThat(rig.transport.read(ByteBuffer.allocate(100))).isEqualTo(100);
    assertThat(rig.transport.read(ByteBuffer.allocate(100))).isEqualTo(100);
    assertThat(rig.loop.pendingTasks()).isEqualTo(1);
  }

  @Test
  void whoWantsNothingIsToldNothing() throws IOException {
    TlsRig rig = TlsRig.open(THIRTEEN);
    rig.serverSends(noise(60_000));
    rig.exchange();
    assertThat(rig.told).isZero();
    assertThat(rig.below.interest).isZero();

    rig.want(SelectionKey.OP_READ);
    rig.exchange();
    ByteBuffer little = ByteBuffer.allocate(100);
    assertThat(rig.transport.read(little)).isEqualTo(100);
    rig.want(0);
    rig.told = 0;
    rig.exchange();
    assertThat(rig.told).as("it is behind").isZero();
    rig.want(SelectionKey.OP_READ);
    rig.exchange();
    assertThat(rig.told).isEqualTo(SelectionKey.OP_READ);
  }

  /** New keys take long, and records that bring them are short. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void recordsWithoutBytesDoNotHoldUpOthers(boolean asksForOurs) throws IOException {
    TlsRig rig = TlsRig.open(THIRTEEN);
    for (int i = 0; i < 50; i++) {
      if (asksForOurs) {
        rig.serverChangesKeys();
      } else {
        rig.serverChangesOnlyItsKeys();
      }
    }
    rig.serverSends(noise(100));
    int announced = rig.announcements;
    assertThat(readAll(rig, 65_536)).isEqualTo(noise(100));
    assertThat(rig.announcements - announced).as("turns").isGreaterThan(20);
  }

  /** Each costs more than it costs the peer, and no other connection should pay for that. */
  @Test
  void aPeerThatSendsNothingButNewKeysIsLeft() throws IOException {
    TlsRig rig = TlsRig.open(THIRTEEN);
    for (int i = 0; i < 200; i++) {
      rig.serverChangesOnlyItsKeys();
    }
    rig.serverSends(noise(100));
    assertThatThrownBy(() -> readAll(rig, 65_536))
        .isInstanceOfSatisfying(
            TlsException.class,
            e ->
                assertThat(e.reason())
                    .hasToString(
                        "PROTOCOL_ERROR (TLS: the peer has sent 101 records in a row without data)"));
    assertThatThrownBy(() -> rig.transport.write(ByteBuffer.wrap(noise(10))))
        .isInstanceOf(IOException.class);
  }

  // ------------------------------------------------------------------------------------ writing

  @ParameterizedTest
  @ValueSource(ints = {1, 1_000, 100_000})
  void whatTheSystemDoesNotTakeIsOfferedAgain(int room) throws IOException {
    TlsRig rig = TlsRig.open(THIRTEEN);
    byte[] sent = noise(room == 1 ? 40_000 : 400_000);
    ByteBuffer[] from = {
      ByteBuffer.wrap(sent, 0, 1_000).slice(),
      ByteBuffer.wrap(sent, 1_000, 30_000).slice(),
      ByteBuffer.wrap(sent, 31_000, sent.length - 31_000).slice()
    };
    long counted = 0;
    for (int i = 0; i < 1_000_000 && counted < sent.length; i++) {
      rig.below.room = room;
      long before = remaining(from);
      long count = rig.transport.write(from);
      assertThat(before - remaining(from)).isEqualTo(count);
      counted += count;
      assertThat(rig.serverReceived.size()).isLessThanOrEqualTo(sent.length);
      boolean unused = rig.serve();
      assertThat((long) rig.serverReceived.size())
          .as("counted is sent")
          .isGreaterThanOrEqualTo(counted);
    }
    assertThat(rig.serverReceived.toByteArray()).isEqualTo(sent);
  }

  private static long remaining(ByteBuffer[] buffers) {
    long sum = 0;
    for (ByteBuffer buffer : buffers) {
      sum += buffer.remaining();
    }
    return sum;
  }

  @Test
  void whoIsPushedBackIsToldWhenThereIsRoom() throws IOException {
    TlsRig rig = TlsRig.open(THIRTEEN);
    rig.below.room = 10;
    ByteBuffer words = ByteBuffer.wrap(noise(100));
    assertThat(rig.transport.write(words)).isZero();
    rig.want(SelectionKey.OP_WRITE);
    rig.exchange();
    assertThat(rig.told).isZero();
    rig.below.room = 1_000;
    rig.exchange();
    assertThat(rig.told).isEqualTo(SelectionKey.OP_WRITE);
    assertThat(rig.transport.write(words)).isEqualTo(100);
    assertThat(words.hasRemaining()).isFalse();
  }

  /** As from a plain socket: that our side is broken says nothing of what has come. */
  @Test
  void whatCameIsReadThoughWhatWasEncryptedCanNotBeWritten() throws IOException {
    TlsRig rig = TlsRig.open(THIRTEEN);
    rig.below.room = 10;
    assertThat(rig.transport.write(ByteBuffer.wrap(noise(100)))).isZero();
    rig.want(SelectionKey.OP_READ | SelectionKey.OP_WRITE);
    rig.serverSends(noise(50));
    rig.below.writeFailure = new IOException("Connection reset by peer");
    rig.below.room = 1_000;
    boolean selected = rig.select();
    assertThat(selected).isTrue();
    ByteBuffer into = ByteBuffer.allocate(1_000);
    assertThat(rig.transport.read(into)).isEqualTo(50);
    assertThatThrownBy(() -> rig.transport.write(ByteBuffer.wrap(noise(100))))
        .hasMessage("Connection reset by peer");
  }

  /** Whoever waits to read would wait for ever: with a failure nothing below is asked for. */
  @Test
  void whoOnlyReadsIsToldThatWhatWasEncryptedCanNotBeWritten() throws IOException {
    TlsRig rig = TlsRig.open(THIRTEEN);
    rig.below.room = 10;
    assertThat(rig.transport.write(ByteBuffer.wrap(noise(100)))).isZero();
    rig.want(SelectionKey.OP_READ);
    rig.below.writeFailure = new IOException("Connection reset by peer");
    rig.below.room = 1_000;
    rig.exchange();
    assertThat(rig.told).isEqualTo(SelectionKey.OP_READ);
    assertThatThrownBy(() -> rig.transport.read(ByteBuffer.allocate(100)))
        .hasMessage("Connection reset by peer");
  }

  // ---------------------------------------------------------------------------------- new keys

  /** Room may come between two writes below: what is encrypted first goes first all the same. */
  @Test
  void ourNewKeysStayBehindWhatWasEncryptedBefore() throws IOException {
    TlsRig rig = TlsRig.open(THIRTEEN);
    rig.below.mostTaken = 10;
    ByteBuffer words = ByteBuffer.wrap(noise(100));
    assertThat(rig.transport.write(words)).isZero();
    rig.serverChangesKeys();
    rig.want(SelectionKey.OP_READ);
    boolean selected = rig.select();
    assertThat(selected).isTrue();
    assertThat(rig.transport.read(ByteBuffer.allocate(100))).isZero();
    for (int i = 0; i < 100 && words.hasRemaining(); i++) {
      int unused = rig.transport.write(words);
    }
    boolean unused = rig.serve();
    assertThat(rig.serverReceived.toByteArray()).isEqualTo(noise(100));
  }

  @ParameterizedTest
  @ValueSource(strings = {TWELVE, THIRTEEN})
  void bytesGoOnBothWaysWhileKeysChange(String version) throws IOException {
    TlsRig rig = TlsRig.open(version);
    ByteArrayOutputStream got = new ByteArrayOutputStream();
    for (int i = 1; i <= 3; i++) {
      rig.serverSends(noise(20_000));
      rig.serverChangesKeys();
      got.writeBytes(readAll(rig, 65_536));
      rig.serverSends(noise(30));
      got.writeBytes(readAll(rig, 65_536));
      ByteBuffer ours = ByteBuffer.wrap(noise(1_000));
      assertThat(rig.transport.write(ours)).isEqualTo(1_000);
      rig.told = 0;
      rig.exchange();
      assertThat(got.size()).isEqualTo(i * 20_030);
      assertThat(rig.serverReceived.size()).isEqualTo(i * 1_000);
    }
  }

  /** The data and all of the peer's answers are there at once then. */
  private static void agreeAnewWithDataInTheMiddle(TlsRig rig, byte[] data) throws IOException {
    rig.serverChangesKeys();
    rig.want(SelectionKey.OP_READ);
    boolean selected = rig.select();
    assertThat(selected).isTrue();
    assertThat(rig.transport.read(ByteBuffer.allocate(100))).isZero();
    rig.serverSends(data);
    rig.below.most = 0;
    rig.exchange();
    rig.below.most = Long.MAX_VALUE;
  }

  /** With TLS 1.2 a peer may send on until it has our answer, and then all of its own at once. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void bytesThatComeWithAnswersOfAHandshakeDoNotHoldItUp(boolean likeAndroid) throws IOException {
    TlsRig rig = new TlsRig(TWELVE, likeAndroid);
    rig.shake();
    agreeAnewWithDataInTheMiddle(rig, noise(30));
    rig.told = 0; // so that it must be told
    assertThat(readAll(rig, 1_000)).isEqualTo(noise(30));
    assertThat(rig.transport.write(ByteBuffer.wrap(noise(10)))).as("agreed anew").isEqualTo(10);
  }

  /** Data is data, though each time it comes in the middle of a handshake. */
  @Test
  void aPeerThatAgreesAnewAgainAndAgainAndSendsDataIsNotLeft() throws IOException {
    TlsRig rig = TlsRig.open(TWELVE);
    for (int i = 0; i < 110; i++) {
      agreeAnewWithDataInTheMiddle(rig, noise(1));
      assertThat(readAll(rig, 100)).isEqualTo(noise(1));
    }
  }

  /** The handshake waits for the app, so what else comes is to wait as well, and not to wake. */
  @Test
  void bytesThatComeInAHandshakeAndThatNobodyWantsAreNotAskedForAgainAndAgain() throws IOException {
    TlsRig rig = TlsRig.open(TWELVE);
    rig.serverChangesKeys();
    rig.want(SelectionKey.OP_READ);
    boolean selected = rig.select();
    assertThat(selected).isTrue();
    assertThat(rig.transport.read(ByteBuffer.allocate(100))).isZero();
    rig.want(0);
    rig.serverSends(noise(30));
    rig.below.mostAtOnce = 70; // the bytes, and not the answer behind them
    rig.exchange();
    assertThat(rig.below.interest).isZero();
    rig.told = 0;
    assertThat(readAll(rig, 1_000)).isEqualTo(noise(30));
    assertThat(rig.transport.write(ByteBuffer.wrap(noise(10)))).as("agreed anew").isEqualTo(10);
  }

  @Test
  void whoeverIsSpokenToAnewIsLookedAtAnew() throws IOException {
    TlsRig rig = TlsRig.open(TWELVE);
    TlsSession first = rig.transport.tlsSession();
    rig.serverChangesKeys();
    rig.want(SelectionKey.OP_READ);
    boolean selected = rig.select();
    assertThat(selected).isTrue();
    ByteBuffer nothing = ByteBuffer.allocate(100);
    assertThat(rig.transport.read(nothing)).isZero();
    assertThat(rig.transport.write(ByteBuffer.wrap(noise(10)))).as("not now").isZero();
    boolean worked = rig.doWork();
    assertThat(rig.transport.write(ByteBuffer.wrap(noise(10)))).as("nor then").isZero();
    assertThat(worked).isTrue();
    rig.want(SelectionKey.OP_READ | SelectionKey.OP_WRITE);
    rig.told = 0;
    rig.exchange();
    assertThat(rig.told & SelectionKey.OP_WRITE).isNotZero();
    assertThat(rig.transport.write(ByteBuffer.wrap(noise(10)))).isEqualTo(10);
    assertThat(rig.transport.tlsSession()).as("that of the first handshake").isSameAs(first);
  }

  @Test
  void whoeverTurnsOutToBeAnotherIsNotSpokenTo() throws IOException {
    HeldCertificate rsa =
        Certificates.signed().rsa2048().addSubjectAlternativeName("a.example").build();
    TlsRig rig = new TlsRig(TWELVE, both(Certificates.LOCALHOST, rsa));
    rig.shake();
    rig.serverAgreesOnAllAnew("TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256");
    assertThatThrownBy(
            () -> {
              for (int i = 0; i < 10; i++) {
                rig.want(SelectionKey.OP_READ);
                rig.exchange();
                int unused = rig.transport.read(ByteBuffer.allocate(100));
              }
            })
        .isInstanceOfSatisfying(
            TlsException.class,
            e -> assertThat(e.reason().detail()).contains("not for localhost, but for a.example"));
  }

  /** Returns the context of a server that has this, and also this, for other cipher suites. */
  private static SSLContext both(HeldCertificate... all) {
    try {
      KeyStore keys = KeyStore.getInstance("PKCS12");
      keys.load(null, null);
      for (HeldCertificate each : all) {
        X509Certificate[] chain = {each.certificate()};
        String name = each.certificate().getPublicKey().getAlgorithm();
        keys.setKeyEntry(name, each.keyPair().getPrivate(), new char[0], chain);
      }
      KeyManagerFactory factory = KeyManagerFactory.getInstance("SunX509");
      factory.init(keys, new char[0]);
      return Certificates.context(
          "TLS", factory.getKeyManagers()[0], Certificates.client().trustManager());
    } catch (GeneralSecurityException | IOException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void aPeerThatChangesKeysForEverAndReadsNothingIsNotHeardForEver() throws IOException {
    TlsRig rig = TlsRig.open(THIRTEEN);
    rig.below.room = 0;
    rig.want(SelectionKey.OP_READ);
    for (int i = 0; i < 5_000; i++) {
      rig.serverChangesKeys();
      if (i % 50 == 0) {
        rig.serverSends(noise(1)); // so that it is not left for sending nothing
      }
    }
    int got = 0;
    for (int i = 0; i < 10_000; i++) {
      rig.told = 0;
      rig.want(SelectionKey.OP_READ);
      rig.exchange();
      if (rig.told == 0) {
        break;
      }
      got += rig.transport.read(ByteBuffer.allocate(1_000));
    }
    assertThat(rig.told).as("it waits for the peer to read").isZero();
    assertThat(rig.below.interest & SelectionKey.OP_READ).isZero();
    assertThat(got).isBetween(1, 99);
    rig.below.room = Long.MAX_VALUE;
    rig.serverSends(noise(10));
    byte[] rest = readAll(rig, 1_000);
    assertThat(got + rest.length).isEqualTo(110);
  }

  // ------------------------------------------------------------------------------------ the end

  @Test
  void anEndIsSaidAndACutIsAFailure() throws IOException {
    TlsRig said = TlsRig.open(THIRTEEN);
    said.serverSends(noise(100));
    said.serverEnds();
    assertThat(readAll(said, 1_000)).isEqualTo(noise(100));
    assertThat(said.transport.read(ByteBuffer.allocate(1))).isEqualTo(-1);
    assertThat(said.transport.write(ByteBuffer.wrap(noise(10)))).isEqualTo(10);

    TlsRig cut = TlsRig.open(THIRTEEN);
    cut.serverSends(noise(100));
    cut.below.inputEnds = true;
    cut.want(SelectionKey.OP_READ);
    ByteBuffer into = ByteBuffer.allocate(1_000);
    assertThat(cut.transport.read(into)).isEqualTo(100);
    cut.exchange();
    assertThat(cut.told).as("the failure is announced").isEqualTo(SelectionKey.OP_READ);
    assertThatThrownBy(() -> cut.transport.read(into)).hasMessageContaining("cut");
  }

  @Test
  void withTwelveThePeersEndIsOursToo() throws IOException {
    TlsRig rig = TlsRig.open(TWELVE);
    rig.serverEnds();
    assertThat(readAll(rig, 1_000)).isEmpty();
    rig.exchange();
    assertThat(rig.serverSawEnd).as("it is answered").isTrue();
    assertThatThrownBy(() -> rig.transport.write(ByteBuffer.allocate(1)))
        .isInstanceOfSatisfying(
            TlsException.class,
            e -> assertThat(e.reason().kind()).isEqualTo(CloseReason.Kind.PEER_CLOSED));
  }

  /** What can't be answered is no failure of a handshake. */
  @Test
  void withTwelveThePeersEndThatCanNotBeAnsweredIsALoss() throws IOException {
    TlsRig rig = TlsRig.open(TWELVE);
    rig.below.writeFailure = new IOException("Broken pipe");
    rig.serverEnds();
    rig.want(SelectionKey.OP_READ);
    assertThatThrownBy(() -> rig.transport.read(ByteBuffer.allocate(100)))
        .hasMessage("Broken pipe");
  }

  @ParameterizedTest
  @ValueSource(strings = {TWELVE, THIRTEEN})
  void afterOurEndBytesStillComeAndThenAnyEndWillDo(String version) throws IOException {
    TlsRig rig = TlsRig.open(version);
    rig.serverSends(noise(100));
    assertThat(rig.transport.shutdownOutput()).isTrue();
    assertThat(rig.below.outputShut).isTrue();
    assertThat(readAll(rig, 1_000)).isEqualTo(noise(100));
    rig.below.inputEnds = true;
    rig.told = 0;
    rig.exchange();
    assertThat(rig.transport.read(ByteBuffer.allocate(1))).isEqualTo(-1);
  }

  @Test
  void aPeerThatWantsToAgreeAnewWhileWeEndIsReadToItsEnd() throws IOException {
    TlsRig rig = TlsRig.open(TWELVE);
    assertThat(rig.transport.shutdownOutput()).isTrue();
    rig.serverChangesKeys();
    rig.serverSends(noise(100));
    rig.want(SelectionKey.OP_READ);
    rig.below.inputEnds = true;
    int count = 0;
    for (int i = 0; i < 100 && count >= 0; i++) {
      rig.loop.run();
      boolean unused = rig.select();
      count = rig.transport.read(ByteBuffer.allocate(1_000));
      rig.want(SelectionKey.OP_READ);
    }
    assertThat(count).isEqualTo(-1);
  }

  @Test
  void ourEndWaitsForRoomInSteps() throws IOException {
    TlsRig rig = TlsRig.open(THIRTEEN);
    rig.below.room = 0;
    ByteBuffer words = ByteBuffer.wrap(noise(100));
    assertThat(rig.transport.write(words)).isZero();
    rig.below.room = 1_000;
    assertThat(rig.transport.write(words)).isEqualTo(100);
    rig.below.room = 5;
    assertThat(rig.transport.shutdownOutput()).isFalse();
    assertThat(rig.below.outputShut).isFalse();
    rig.below.room = 1_000;
    assertThat(rig.transport.shutdownOutput()).isTrue();
    assertThat(rig.below.outputShut).isTrue();
    boolean unused = rig.serve();
    assertThat(rig.serverSawEnd).isTrue();
    assertThat(rig.serverReceived.size()).isEqualTo(100);
  }

  /** Whoever computes has the engine's lock, and may be code of the app's that hangs. */
  @Test
  void ourEndWaitsWhileAnotherThreadWorks() throws IOException {
    TlsRig rig = TlsRig.open(TWELVE);
    rig.serverChangesKeys();
    rig.want(SelectionKey.OP_READ);
    boolean selected = rig.select();
    assertThat(selected).isTrue();
    assertThat(rig.transport.read(ByteBuffer.allocate(100))).isZero();
    assertThat(rig.transport.isComputing()).isTrue();
    assertThat(rig.transport.shutdownOutput()).isFalse();
    assertThat(rig.below.takeWritten()).isEmpty();
    rig.told = 0;
    rig.want(SelectionKey.OP_WRITE);
    rig.exchange();
    assertThat(rig.told).isEqualTo(SelectionKey.OP_WRITE);
    assertThat(rig.transport.shutdownOutput()).isTrue();
    rig.exchange();
    assertThat(rig.serverSawEnd).isTrue();
  }

  @Test
  void aCloseSaysSoAndAResetDoesNot() throws IOException {
    TlsRig closed = TlsRig.open(THIRTEEN);
    closed.transport.close();
    boolean unused = closed.serve();
    assertThat(closed.serverSawEnd).isTrue();
    assertThat(closed.below.closed).isTrue();

    TlsRig reset = TlsRig.open(THIRTEEN);
    reset.transport.resetOnClose();
    reset.transport.close();
    assertThat(reset.below.takeWritten()).isEmpty();
    assertThat(reset.below.reset && reset.below.closed).isTrue();
  }

  @Test
  void aCloseDoesNotSendWhatWasNotCountedAsWritten() throws IOException {
    TlsRig rig = TlsRig.open(THIRTEEN);
    rig.below.room = 10;
    assertThat(rig.transport.write(ByteBuffer.wrap(noise(100)))).isZero();
    rig.below.room = 1_000;
    rig.transport.close();
    assertThat(rig.below.takeWritten()).hasSize(10);
  }

  @Test
  void bytesThatNobodyHasEncryptedAreAProtocolError() throws IOException {
    TlsRig rig = TlsRig.open(THIRTEEN);
    rig.serverSends(noise(10));
    rig.below.send(ByteBuffer.wrap(new byte[] {23, 3, 3, 0, 32}));
    rig.below.send(ByteBuffer.allocate(32));
    assertThat(readFailure(rig, noise(10)).kind()).isEqualTo(CloseReason.Kind.PROTOCOL_ERROR);
    byte[] alert = rig.below.takeWritten();
    rig.transport.close();
    assertThat(alert.length + rig.below.takeWritten().length).as("the alert").isPositive();
  }

  private static CloseReason readFailure(TlsRig rig, byte[] before) {
    CloseReason[] reason = new CloseReason[1];
    rig.want(SelectionKey.OP_READ);
    rig.exchange();
    ByteBuffer into = ByteBuffer.allocate(1_000);
    assertThatThrownBy(
            () -> {
              while (true) {
                int unused = rig.transport.read(into);
              }
            })
        .isInstanceOfSatisfying(TlsException.class, e -> reason[0] = e.reason());
    assertThat(into.position()).isEqualTo(before.length);
    return reason[0];
  }
}
