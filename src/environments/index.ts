export {
  EnvironmentsApi,
  type Interpreter,
  type Kernelspec,
  type MachineEnvironments
} from './api';
export { canInstall, canRunKernels } from './fitting';
