package io.dormouse.tls;

import java.nio.ByteBuffer;
import java.util.function.BooleanSupplier;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLEngineResult.Status;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSession;

/**
 * The JDK's engine, with the ways of Android's. What it computes it computes when it receives. Who
 * has read the last of a handshake is to send once more, and that is nothing. And of a record for
 * which there is not enough room it gives what there is room for, and keeps the rest.
 */
class LikeConscrypt extends SSLEngine {
  private final SSLEngine engine;
  private final BooleanSupplier elsewhere;
  private boolean shaken;
  private boolean ended;
  private ByteBuffer kept = ByteBuffer.allocate(0);

  /**
   * Creates one.
   *
   * @param elsewhere whether this is not the loop, which a handshake must not compute on
   */
  LikeConscrypt(SSLEngine engine, BooleanSupplier elsewhere) {
    this.engine = engine;
    this.elsewhere = elsewhere;
  }

  @Override
  public HandshakeStatus getHandshakeStatus() {
    return ended ? HandshakeStatus.NEED_WRAP : engine.getHandshakeStatus();
  }

  @Override
  public SSLEngineResult unwrap(ByteBuffer from, ByteBuffer[] into, int offset, int length)
      throws SSLException {
    if (!shaken && !elsewhere.getAsBoolean()) {
      throw new AssertionError("a handshake is computed on the loop");
    }
    int consumed = 0;
    HandshakeStatus status = getHandshakeStatus();
    if (!kept.hasRemaining()) {
      ByteBuffer record = ByteBuffer.allocate(1 << 15);
      SSLEngineResult result = engine.unwrap(from, record);
      status = result.getHandshakeStatus();
      computeSteps();
      ended |= status == HandshakeStatus.FINISHED;
      shaken |= ended;
      if (result.getStatus() != Status.OK) {
        return result;
      }
      consumed = result.bytesConsumed();
      kept = record.flip();
    }
    int produced = 0;
    for (int i = offset; i < offset + length; i++) {
      int part = Math.min(kept.remaining(), into[i].remaining());
      into[i].put(kept.duplicate().limit(kept.position() + part));
      kept.position(kept.position() + part);
      produced += part;
    }
    Status full = kept.hasRemaining() ? Status.BUFFER_OVERFLOW : Status.OK;
    return new SSLEngineResult(full, status, consumed, produced);
  }

  private void computeSteps() {
    for (Runnable task = engine.getDelegatedTask();
        task != null;
        task = engine.getDelegatedTask()) {
      task.run();
    }
  }

  @Override
  public SSLEngineResult wrap(ByteBuffer[] from, int offset, int length, ByteBuffer into)
      throws SSLException {
    if (ended) {
      ended = false;
      return new SSLEngineResult(Status.OK, HandshakeStatus.FINISHED, 0, 0);
    }
    SSLEngineResult result = engine.wrap(from, offset, length, into);
    shaken |= result.getHandshakeStatus() == HandshakeStatus.FINISHED;
    return result;
  }

  @Override
  public Runnable getDelegatedTask() {
    return null;
  }

  @Override
  public void beginHandshake() throws SSLException {
    engine.beginHandshake();
  }

  @Override
  public SSLSession getSession() {
    return engine.getSession();
  }

  @Override
  public SSLSession getHandshakeSession() {
    return engine.getHandshakeSession();
  }

  @Override
  public SSLParameters getSSLParameters() {
    return engine.getSSLParameters();
  }

  @Override
  public void closeInbound() throws SSLException {
    engine.closeInbound();
  }

  @Override
  public boolean isInboundDone() {
    return engine.isInboundDone();
  }

  @Override
  public void closeOutbound() {
    engine.closeOutbound();
  }

  @Override
  public boolean isOutboundDone() {
    return engine.isOutboundDone();
  }

  // ------------------------------------------------------------------------------ nobody's need

  @Override
  public String[] getSupportedCipherSuites() {
    return engine.getSupportedCipherSuites();
  }

  @Override
  public String[] getEnabledCipherSuites() {
    return engine.getEnabledCipherSuites();
  }

  @Override
  public void setEnabledCipherSuites(String[] suites) {
    engine.setEnabledCipherSuites(suites);
  }

  @Override
  public String[] getSupportedProtocols() {
    return engine.getSupportedProtocols();
  }

  @Override
  public String[] getEnabledProtocols() {
    return engine.getEnabledProtocols();
  }

  @Override
  public void setEnabledProtocols(String[] protocols) {
    engine.setEnabledProtocols(protocols);
  }

  @Override
  public void setUseClientMode(boolean mode) {
    engine.setUseClientMode(mode);
  }

  @Override
  public boolean getUseClientMode() {
    return engine.getUseClientMode();
  }

  @Override
  public void setNeedClientAuth(boolean need) {
    engine.setNeedClientAuth(need);
  }

  @Override
  public boolean getNeedClientAuth() {
    return engine.getNeedClientAuth();
  }

  @Override
  public void setWantClientAuth(boolean want) {
    engine.setWantClientAuth(want);
  }

  @Override
  public boolean getWantClientAuth() {
    return engine.getWantClientAuth();
  }

  @Override
  public void setEnableSessionCreation(boolean flag) {
    engine.setEnableSessionCreation(flag);
  }

  @Override
  public boolean getEnableSessionCreation() {
    return engine.getEnableSessionCreation();
  }
}
