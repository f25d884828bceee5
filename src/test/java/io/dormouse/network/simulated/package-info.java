/**
 * A network that is played: hosts and their peers, links that delay, lose and break, name servers,
 * all on the clock of one {@link io.dormouse.loop.Loop} and from one seed, so that a run can be
 * repeated exactly. {@link io.dormouse.network.simulated.SimulatedNetwork} is where to begin.
 *
 * <p>It stands for the kernels on both sides too: bounded buffers, windows, what a reset does to
 * what was not read. Loop only, except where a method says otherwise.
 */
package io.dormouse.network.simulated;
