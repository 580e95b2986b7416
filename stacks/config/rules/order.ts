/** What a range of processor time has to keep. */
import { milliCpu, type CpuRange, type Problems } from '../../../components/core/index.ts';

/** Notes a request above its limit, which the API server would refuse in the middle of an update. */
export function requireOrder(where: string, { request, limit }: CpuRange, problems: Problems): void {
  problems.require(milliCpu(request) <= milliCpu(limit), {
    where: `${where}.request`,
    found: `"${request}"`,
    wanted: `at most ${where}.limit, which is "${limit}"`,
  });
}
